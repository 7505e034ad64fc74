import { macroCall, markAggregate } from "./macro-call.ts";
import type { Expression } from "./translation.ts";

export interface AggregateCall {
  readonly name: string;
  readonly args: readonly Expression[];
  readonly isDistinct: boolean;
  readonly nulls: "ignore" | "respect" | undefined;
  /** `HAVING MAX by` or `HAVING MIN by`. */
  readonly extreme: { readonly isMax: boolean; readonly by: string } | undefined;
  readonly orderBy: string;
  readonly limit: string | undefined;
  /** A condition that a row must meet to count, as PIVOT sets it. */
  readonly filter: string | undefined;
  /** ` OVER ...`, or empty. */
  readonly over: string;
  readonly refuse: (sentence: string) => never;
}

export interface AggregateFunction {
  readonly fewest: number;
  readonly most: number;
  readonly write: (call: AggregateCall) => string;
}

/** Modifiers that a function translates; any other on its call is refused. */
type Modifier = "distinct" | "nulls" | "having" | "order" | "limit";

export function operand(call: AggregateCall, at: number): string {
  return call.args[at]?.sql ?? "NULL";
}

/** `target(args)` with DISTINCT, FILTER and OVER as the call has them. */
export function plain(
  call: AggregateCall,
  target: string,
  args: string,
  condition?: string,
): string {
  const distinct = call.isDistinct ? "DISTINCT " : "";
  const conditions = [call.filter, condition].filter((part) => part !== undefined);
  const filter = conditions.length > 0 ? ` FILTER (WHERE ${conditions.join(" AND ")})` : "";
  return markAggregate(`${target}(${distinct}${args}${call.orderBy})${filter}${call.over}`);
}

export function aggregate(
  fewest: number,
  most: number,
  modifiers: readonly Modifier[],
  write: (call: AggregateCall) => string,
): AggregateFunction {
  const checked = (call: AggregateCall) => {
    refuseOthers(call, modifiers);
    return write(call);
  };
  return { fewest, most, write: checked };
}

function refuseOthers(call: AggregateCall, allowed: readonly Modifier[]): void {
  const present: readonly (readonly [Modifier, boolean, string])[] = [
    ["distinct", call.isDistinct, "DISTINCT"],
    ["nulls", call.nulls !== undefined, "IGNORE or RESPECT NULLS"],
    ["having", call.extreme !== undefined, "HAVING MAX or MIN"],
    ["order", call.orderBy !== "", "ORDER BY"],
    ["limit", call.limit !== undefined, "LIMIT"],
  ];
  for (const [modifier, isPresent, text] of present) {
    if (isPresent && !allowed.includes(modifier)) {
      call.refuse(`The emulator does not support ${text} in ${call.name}`);
    }
  }
}

/** An aggregate that both languages compute alike, over one DOUBLE or of one same-typed result. */
function alike(target: string, cast = ""): AggregateFunction {
  return aggregate(1, 1, ["distinct"], (call) => {
    const value = operand(call, 0);
    return plain(call, target, cast === "" ? value : `CAST(${value} AS ${cast})`);
  });
}

function writeCount(call: AggregateCall): string {
  return call.args.length === 0
    ? plain(call, "count", "*")
    : plain(call, "count", operand(call, 0));
}

function writeAverage(call: AggregateCall): string {
  const value = operand(call, 0);
  return macroCall("gsql_average", [plain(call, "sum", value), plain(call, "count", value)]);
}

function writeAnyValue(call: AggregateCall): string {
  if (call.extreme === undefined) return plain(call, "any_value", operand(call, 0));
  return writeExtreme(call, call.extreme.isMax, call.extreme.by);
}

function writeExtreme(call: AggregateCall, isMax: boolean, by: string): string {
  return plain(call, isMax ? "arg_max_null" : "arg_min_null", `${operand(call, 0)}, ${by}`);
}

function limited(call: AggregateCall, list: string): string {
  return call.limit === undefined ? list : `(${list})[1:${call.limit}]`;
}

function writeArrayAgg(call: AggregateCall): string {
  const value = operand(call, 0);
  const condition = call.nulls === "ignore" ? `${value} IS NOT NULL` : undefined;
  return limited(call, plain(call, "list", value, condition));
}

function writeArrayConcat(call: AggregateCall): string {
  const value = operand(call, 0);
  return `flatten(${limited(call, plain(call, "list", value, `${value} IS NOT NULL`))})`;
}

function writeStringAgg(call: AggregateCall): string {
  const separator = call.args[1]?.sql ?? "','";
  const value = operand(call, 0);
  const list = limited(call, plain(call, "list", value, `${value} IS NOT NULL`));
  return macroCall("gsql_join", [list, separator]);
}

function writeQuantiles(call: AggregateCall): string {
  const count = Number(call.args[1]?.literal?.text);
  if (!Number.isInteger(count) || count < 1) {
    call.refuse("APPROX_QUANTILES needs a positive integer literal as its second argument");
  }
  const fractions = Array.from({ length: count + 1 }, (_, index) => index / count);
  const value = operand(call, 0);
  return plain(call, "quantile_disc", `${value}, [${fractions.join(", ")}]`);
}

function writeTopCount(call: AggregateCall): string {
  const [value, limit] = [operand(call, 0), operand(call, 1)];
  const nulls = plain(call, "count", "*", `${value} IS NULL`);
  return macroCall("gsql_top_count", [plain(call, "histogram", value), nulls, limit]);
}

export const aggregateFunctions: Readonly<Record<string, AggregateFunction>> = {
  COUNT: aggregate(0, 1, ["distinct"], writeCount),
  COUNTIF: aggregate(1, 1, [], (call) => plain(call, "count", "*", operand(call, 0))),
  SUM: aggregate(1, 1, ["distinct"], (call) =>
    macroCall("gsql_sum", [plain(call, "sum", operand(call, 0))]),
  ),
  AVG: aggregate(1, 1, ["distinct"], writeAverage),
  MIN: alike("min"),
  MAX: alike("max"),
  ANY_VALUE: aggregate(1, 1, ["having"], writeAnyValue),
  MAX_BY: aggregate(2, 2, [], (call) => writeExtreme(call, true, operand(call, 1))),
  MIN_BY: aggregate(2, 2, [], (call) => writeExtreme(call, false, operand(call, 1))),
  ARRAY_AGG: aggregate(1, 1, ["distinct", "nulls", "order", "limit"], writeArrayAgg),
  ARRAY_CONCAT_AGG: aggregate(1, 1, ["order", "limit"], writeArrayConcat),
  STRING_AGG: aggregate(1, 2, ["distinct", "order", "limit"], writeStringAgg),
  LOGICAL_AND: alike("bool_and"),
  LOGICAL_OR: alike("bool_or"),
  BIT_AND: alike("bit_and"),
  BIT_OR: alike("bit_or"),
  BIT_XOR: alike("bit_xor"),
  APPROX_COUNT_DISTINCT: aggregate(1, 1, [], (call) =>
    plain({ ...call, isDistinct: true }, "count", operand(call, 0)),
  ),
  APPROX_QUANTILES: aggregate(2, 2, ["distinct"], writeQuantiles),
  APPROX_TOP_COUNT: aggregate(2, 2, [], writeTopCount),
  STDDEV: alike("stddev_samp", "DOUBLE"),
  STDDEV_SAMP: alike("stddev_samp", "DOUBLE"),
  STDDEV_POP: alike("stddev_pop", "DOUBLE"),
  VARIANCE: alike("var_samp", "DOUBLE"),
  VAR_SAMP: alike("var_samp", "DOUBLE"),
  VAR_POP: alike("var_pop", "DOUBLE"),
  CORR: aggregate(2, 2, [], (call) =>
    plain(call, "corr", `${operand(call, 0)}, ${operand(call, 1)}`),
  ),
};
