import { parseArgs } from "node:util";
import { messageOf } from "../../shared/core/errors.ts";

/** A whole number that a script takes as `--name N`. */
interface NumberOption {
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

/**
 * A script's arguments, `--name N` each; with any that do not fit, prints which, and how it is called, and
 * ends the process with 2.
 */
export function readNumbers<Name extends string>(
  usage: string,
  options: Readonly<Record<Name, NumberOption>>,
): Record<Name, number> {
  try {
    return parseNumbers(options, process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\nusage: ${usage}\n`);
    process.exit(2);
  }
}

/** As {@link readNumbers}; throws where an argument does not fit. */
function parseNumbers<Name extends string>(
  options: Readonly<Record<Name, NumberOption>>,
  args: readonly string[],
): Record<Name, number> {
  // `Object.keys` forgets the names.
  const names = Object.keys(options) as Name[];
  const strings = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
  const { values } = parseArgs({ args: [...args], options: strings });
  const numbers = names.map((name) => {
    const text = values[name] ?? String(options[name].default);
    return [name, wholeNumber(name, text, options[name])] as const;
  });
  // Every name has its number.
  return Object.fromEntries(numbers) as Record<Name, number>;
}

/** The value of `--name`. Throws a RangeError where it is no whole number in the range. */
export function wholeNumber(
  name: string,
  text: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new RangeError(`--${name} "${text}": give a whole number, ${min} to ${max}`);
}
