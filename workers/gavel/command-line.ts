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

/** The word that an argument is, `name` being what the user calls it. */
export function readOneOf<Word extends string>(
  name: string,
  text: string,
  words: readonly Word[],
): Word {
  const word = words.find((each) => each === text);
  if (word === undefined) throw new UsageError(`${name} "${text}": give ${words.join(", ")}`);
  return word;
}

const WINDOW_S_MAX = 86_400;

/** The size of window that `--window` names, a minute where it is not given. Seconds. */
export function readWindowS(text = "60"): number {
  const seconds = Number(text);
  if (/^\d{1,5}$/.test(text) && seconds >= 1 && seconds <= WINDOW_S_MAX) return seconds;
  throw new UsageError(
    `--window "${text}": give the window's size in seconds, 1 to ${WINDOW_S_MAX}`,
  );
}
