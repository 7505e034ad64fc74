import { type AggregateCall, aggregateFunctions } from "./aggregate-functions.ts";
import { type DatePart, readDatePart } from "./date-part.ts";
import { operandsOf, type ScalarCall, type ScalarFunction } from "./function-form.ts";
import type { Token } from "./lexer.ts";
import { attempt } from "./macro-call.ts";
import { readOrderItems, readWindowSpecification } from "./ordering.ts";
import { scalarFunctions } from "./scalar-functions.ts";
import { timeFunctions } from "./time-functions.ts";
import type { Expression, Translation } from "./translation.ts";
import { windowFunctions } from "./window-functions.ts";

/** `NAME(...)`: a function of the pinned lists, with what its kind of call may carry. */
export function readCall(t: Translation): Expression {
  const { reader } = t;
  const isSafe = reader.isWord("SAFE") && reader.isSymbol(".", 1);
  if (isSafe) {
    reader.take();
    reader.take();
  }
  const token = reader.take();
  const name = token.text.toUpperCase();
  const scalar = scalarFunctions[name] ?? timeFunctions[name];
  if (scalar !== undefined) {
    const sql = readScalarCall(t, token, isSafe ? attempted(scalar) : scalar);
    return { sql, ...(scalar.shape && { shape: scalar.shape }) };
  }
  if (isSafe) reader.refuse(`Function ${token.text} does not support SAFE error mode`, token);
  if (aggregateFunctions[name] !== undefined || windowFunctions[name] !== undefined) {
    return readAggregateCall(t, token);
  }
  return reader.refuse(`The emulator does not translate function ${token.text}`, token);
}

/** The function in SAFE error mode. */
function attempted(form: ScalarFunction): ScalarFunction {
  const write = (call: ScalarCall) =>
    attempt(operandsOf(call), (operands) => {
      const args = call.args.map((arg, at) => ({ ...arg, sql: operands[at] ?? arg.sql }));
      return form.write({ ...call, args });
    });
  return { ...form, write };
}

function readScalarCall(t: Translation, token: Token, form: ScalarFunction): string {
  const { reader } = t;
  reader.expectSymbol("(");
  const args: Expression[] = [];
  let part: DatePart | undefined;
  while (!reader.isSymbol(")")) {
    if (form.partAt === args.length && part === undefined) part = readDatePart(reader);
    else args.push(t.expression());
    if (!reader.acceptSymbol(",")) break;
  }
  reader.expectSymbol(")");
  checkCount(t, token, form, args.length);
  if (form.partAt !== undefined && part === undefined && form.isPartOptional !== true) {
    reader.refuse(`Function ${token.text} needs a date part`, token);
  }
  return form.write({ args, part, token, reader });
}

function checkCount(
  t: Translation,
  token: Token,
  form: { readonly fewest: number; readonly most: number },
  count: number,
): void {
  if (count >= form.fewest && count <= form.most) return;
  t.reader.refuse(
    `No matching signature for function ${token.text} with ${count} arguments`,
    token,
  );
}

function readAggregateCall(t: Translation, token: Token): Expression {
  const name = token.text.toUpperCase();
  const form = windowFunctions[name] ?? aggregateFunctions[name];
  const call = readAggregateArguments(t, token);
  const hasOver = t.reader.isWord("OVER");
  if (windowFunctions[name] !== undefined && !hasOver) {
    t.reader.refuse(`Window function ${token.text} requires an OVER clause`, token);
  }
  const over = t.reader.acceptWord("OVER") ? ` OVER ${readWindow(t)}` : "";
  if (form === undefined) return t.reader.refuse(`Function not found: ${token.text}`, token);
  checkCount(t, token, form, call.args.length);
  return { sql: form.write({ ...call, over }) };
}

function readWindow(t: Translation): string {
  return t.reader.isSymbol("(") ? readWindowSpecification(t) : `"${t.reader.expectName()}"`;
}

function readAggregateArguments(t: Translation, token: Token): Omit<AggregateCall, "over"> {
  const { reader } = t;
  reader.expectSymbol("(");
  const isDistinct = reader.acceptWord("DISTINCT");
  const args: Expression[] = [];
  if (reader.acceptSymbol("*")) args.push({ sql: "*" });
  else if (!reader.isSymbol(")")) args.push(...t.expressions());
  const nulls = readNullTreatment(t);
  const extreme = readExtreme(t);
  const orderBy = reader.acceptWord("ORDER", "BY") ? ` ORDER BY ${readOrderItems(t)}` : "";
  const limit = reader.acceptWord("LIMIT") ? reader.expectInteger("an integer") : undefined;
  reader.expectSymbol(")");
  const refuse = (sentence: string) => reader.refuse(sentence, token);
  const filter = t.pivot?.filter;
  return {
    name: token.text.toUpperCase(),
    args,
    isDistinct,
    nulls,
    extreme,
    orderBy,
    limit,
    filter,
    refuse,
  };
}

function readNullTreatment(t: Translation): "ignore" | "respect" | undefined {
  if (t.reader.acceptWord("IGNORE", "NULLS")) return "ignore";
  return t.reader.acceptWord("RESPECT", "NULLS") ? "respect" : undefined;
}

function readExtreme(t: Translation): AggregateCall["extreme"] {
  if (!t.reader.acceptWord("HAVING")) return undefined;
  const isMax = t.reader.acceptWord("MAX");
  if (!isMax) t.reader.expectWord("MIN");
  return { isMax, by: t.expression().sql };
}
