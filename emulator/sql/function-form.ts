import type { DatePart } from "./date-part.ts";
import type { Token } from "./lexer.ts";
import { macroCall } from "./macro-call.ts";
import type { TokenReader } from "./token-reader.ts";
import type { Expression } from "./translation.ts";

export interface ScalarCall {
  readonly args: readonly Expression[];
  readonly part: DatePart | undefined;
  readonly token: Token;
  readonly reader: TokenReader;
}

/** One function of the pinned list: how many arguments it takes, and the DuckDB SQL it becomes. */
export interface ScalarFunction {
  readonly fewest: number;
  readonly most: number;
  /** The place of an argument that is a date part (`DAY`), not counted among the arguments. */
  readonly partAt?: number;
  readonly isPartOptional?: true;
  readonly shape?: Expression["shape"];
  readonly write: (call: ScalarCall) => string;
}

export function operandsOf(call: ScalarCall): string[] {
  return call.args.map((argument) => argument.sql);
}

/** A call of the DuckDB function or macro `target` with the same arguments. */
export function direct(target: string, fewest: number, most = fewest): ScalarFunction {
  return { fewest, most, write: (call) => macroCall(target, operandsOf(call)) };
}

/** A call written by `write` from its operands' SQL. */
export function written(
  fewest: number,
  most: number,
  write: (operands: readonly string[], call: ScalarCall) => string,
): ScalarFunction {
  return { fewest, most, write: (call) => write(operandsOf(call), call) };
}

/** The text of an argument that must be a literal, since it decides the translation itself. */
export function literalArgument(call: ScalarCall, at: number, what: string): string {
  const literal = call.args[at]?.literal;
  if (literal === undefined || literal.kind === "null") {
    const sentence = `The emulator needs ${what} of ${call.token.text} as a literal`;
    return call.reader.refuse(sentence, call.token);
  }
  return literal.text;
}
