import type { Expression } from "../language/expression.ts";
import { isRowFunction } from "../language/functions.ts";
import { isAggregate } from "./aggregates.ts";
import { parseSimpleSelect } from "./parse-statement.ts";
import type { SimpleSelect } from "./statement.ts";

/** The query where the rows themselves can answer it; undefined where it needs the SQL replica. */
export function simpleSelectOf(sql: string): SimpleSelect | undefined {
  const select = parseSimpleSelect(sql);
  if (select === undefined) return undefined;
  const expressions = [
    ...select.items.map((item) => item.expression),
    ...select.orderBy.map((item) => item.expression),
    select.where,
    select.limit,
    select.offset,
  ];
  return expressions.every((each) => each === undefined || isAnswerable(each)) ? select : undefined;
}

function isAnswerable(expression: Expression): boolean {
  if (expression.kind === "call" && !isRowFunction(expression.name) && !isAggregate(expression)) {
    return false;
  }
  return operandsOf(expression).every(isAnswerable);
}

function operandsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "literal":
    case "name":
    case "parameter":
      return [];
    case "not":
    case "negate":
    case "isNull":
    case "isTrue":
    case "cast":
      return [expression.operand];
    case "binary":
      return [expression.left, expression.right];
    case "inList":
      return [expression.operand, ...expression.list];
    case "inArray":
      return [expression.operand, expression.array];
    case "call":
      return expression.args;
    case "case": {
      const branches = expression.branches.flatMap(({ when, result }) => [when, result]);
      return expression.otherwise === undefined ? branches : [...branches, expression.otherwise];
    }
    case "array":
      return expression.elements;
  }
}
