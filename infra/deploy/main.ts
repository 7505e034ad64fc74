import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { argv, exit, stderr } from "node:process";
import { attempt, choosePulumi } from "./pulumi-cli.ts";

const [action = "preview", ...rest] = argv.slice(2);
const choice = choosePulumi(attempt);
if ("fault" in choice) {
  stderr.write(`${choice.fault}\n`);
  exit(2);
}
const [command, ...words] = choice.cli;
const { status } = spawnSync(command, [...words, action, "--policy-pack", "policy/pack", ...rest], {
  cwd: join(import.meta.dirname, ".."),
  stdio: "inherit",
});
exit(status ?? 1);
