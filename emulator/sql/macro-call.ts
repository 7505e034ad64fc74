/**
 * DuckDB picks a macro's form by the types of its arguments, but it cannot type an aggregate or a
 * window function there. Those carry this mark, and calls with a marked operand go through a lambda,
 * whose parameter has the type the aggregate turned out to have. (HAVING takes no named fields there.)
 */
const aggregateMark = "/*aggregate*/";

export function markAggregate(sql: string): string {
  return `${aggregateMark}${sql}`;
}

/** A call of one of our macros. */
export function macroCall(name: string, operands: readonly string[]): string {
  return overOperands(operands, (plain) => `${name}(${plain.join(", ")})`);
}

/** NULL where `write` fails. DuckDB takes no aggregates inside TRY either. */
export function attempt(
  operands: readonly string[],
  write: (operands: readonly string[]) => string,
): string {
  return overOperands(operands, (plain) => `TRY(${write(plain)})`);
}

function overOperands(
  operands: readonly string[],
  write: (operands: readonly string[]) => string,
): string {
  const marked = operands.filter((operand) => operand.includes(aggregateMark));
  if (marked.length === 0) return write(operands);
  const plain = operands.map((operand) => {
    const index = marked.indexOf(operand);
    return index < 0 ? operand : `v[${index + 1}]`;
  });
  return `list_transform([row(${marked.join(", ")})], lambda v: ${write(plain)})[1]`;
}
