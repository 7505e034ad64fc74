import { type ParseArgsConfig, parseArgs } from "node:util";
import { REGIONS, type Region } from "../../shared/core/auction/event.ts";
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

/** The region that `--region` names, us where it is not given. */
export function readRegion(text = "us"): Region {
  const region = REGIONS.find((each) => each === text);
  if (region === undefined) {
    throw new UsageError(`--region "${text}": give ${REGIONS.join(", ")}`);
  }
  return region;
}
