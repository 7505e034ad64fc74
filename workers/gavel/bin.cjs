#!/usr/bin/env node
// Starts the command line on Node 24, whatever Node runs this.
var spawn = require("node:child_process").spawn;
var path = require("node:path");
var node = require("./need-node.cjs").node;

var main = path.join(__dirname, "main.ts");
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
