import {
  type AggregateCall,
  type AggregateFunction,
  aggregate,
  operand,
  plain,
} from "./aggregate-functions.ts";
import { markAggregate } from "./macro-call.ts";

/** A numbering function, which both languages define alike. */
function numbering(target: string, count = 0): AggregateFunction {
  return aggregate(count, count, [], (call) => plain(call, target, argumentsOf(call)));
}

function argumentsOf(call: AggregateCall): string {
  return call.args.map((argument) => argument.sql).join(", ");
}

/** A navigation function; `IGNORE NULLS` stays inside the parentheses. */
function navigation(target: string, fewest: number, most: number): AggregateFunction {
  return aggregate(fewest, most, ["nulls"], (call) => {
    const treatment = call.nulls === "ignore" ? " IGNORE NULLS" : "";
    return markAggregate(`${target}(${argumentsOf(call)}${treatment})${call.over}`);
  });
}

export const windowFunctions: Readonly<Record<string, AggregateFunction>> = {
  ROW_NUMBER: numbering("row_number"),
  RANK: numbering("rank"),
  DENSE_RANK: numbering("dense_rank"),
  PERCENT_RANK: numbering("percent_rank"),
  CUME_DIST: numbering("cume_dist"),
  NTILE: numbering("ntile", 1),
  LAG: navigation("lag", 1, 3),
  LEAD: navigation("lead", 1, 3),
  FIRST_VALUE: navigation("first_value", 1, 1),
  LAST_VALUE: navigation("last_value", 1, 1),
  NTH_VALUE: navigation("nth_value", 2, 2),
  PERCENTILE_CONT: aggregate(2, 2, [], (call) =>
    plain(call, "quantile_cont", `CAST(${operand(call, 0)} AS DOUBLE), ${operand(call, 1)}`),
  ),
  PERCENTILE_DISC: aggregate(2, 2, [], (call) => plain(call, "quantile_disc", argumentsOf(call))),
};
