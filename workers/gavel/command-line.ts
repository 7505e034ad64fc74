import { type ParseArgsConfig, parseArgs } from "node:util";
import { messageOf, UsageError } from "../../shared/core/errors.ts";

/** Parses a command's arguments, `config.args`. Throws a UsageError that shows `usage` where they do not fit. */
export function readCommandLine<Config extends ParseArgsConfig>(
  config: Config,
  usage: string,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\n${usage}`, { cause: error });
  }
}
