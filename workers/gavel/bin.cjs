#!/usr/bin/env node
// Starts the command line on Node 24, which the npm package `node` brings, whatever Node runs this.
// Plain CommonJS in old syntax, so that an old Node can still say what is wrong.
var spawn = require("node:child_process").spawn;
var path = require("node:path");

var WANTED_MAJOR = 24;
var main = path.join(__dirname, "main.ts");

function nodePath() {
  if (Number(process.versions.node.split(".")[0]) === WANTED_MAJOR) return process.execPath;
  try {
    return path.join(path.dirname(require.resolve("node/package.json")), "bin", "node");
  } catch (_error) {
    return undefined;
  }
}

var node = nodePath();
if (node === undefined || !require("node:fs").existsSync(node)) {
  process.stderr.write(
    "gavel needs Node " +
      WANTED_MAJOR +
      " and this is " +
      process.version +
      ": run `npm install` in the project's folder, which brings it.\n",
  );
  process.exit(2);
}
var env = Object.assign(
  { NODE_COMPILE_CACHE: path.join(__dirname, "../../node_modules/.cache/compile") },
  process.env,
);
var child = spawn(node, ["--no-warnings", main].concat(process.argv.slice(2)), {
  stdio: "inherit",
  env: env,
});
["SIGINT", "SIGTERM"].forEach((signal) => {
  process.on(signal, () => {
    if (signal === "SIGTERM") child.kill(signal);
  });
});
child.on("exit", (code, signal) => {
  process.exit(signal === null ? code : 1);
});
