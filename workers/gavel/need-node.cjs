// Finds Node 24, which the npm package `node` brings, whatever Node runs this; says so and ends the
// process where it is not there. Plain CommonJS in old syntax, so that an old Node can still say it.
var path = require("node:path");

var WANTED_MAJOR = 24;

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
exports.node = node;
