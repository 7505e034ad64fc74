import { argv, stderr, stdout } from "node:process";
import { messageOf, UsageError } from "../../shared/core/errors.ts";
import { commands } from "./commands.ts";

// Whoever reads the output may have read enough: `gavel report daily | head`.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

const [name = "help", ...args] = argv.slice(2);
const command = commands.get(name);
if (command === undefined || args.includes("--help")) {
  const isKnown = command !== undefined || ["help", "--help", "-h"].includes(name);
  if (!isKnown) stderr.write(`gavel: there is no command "${name}"\n\n`);
  const shown = command === undefined ? [...commands.values()] : [command];
  (isKnown ? stdout : stderr).write(
    `Usage:\n${shown.map(({ usage, does }) => `  gavel ${usage}\n      ${does}\n`).join("")}`,
  );
  process.exitCode = isKnown ? 0 : 2;
} else {
  process.exitCode = await run(command.load);
}

/** A stack helps nobody who typed the command; the message says what, where and how to mend it. */
async function run(load: NonNullable<typeof command>["load"]): Promise<number> {
  try {
    const runCommand = await load();
    return await runCommand(args, { stdout, stderr });
  } catch (error) {
    const message = messageOf(error);
    stderr.write(`gavel ${name}: ${message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}
