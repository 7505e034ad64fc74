/**
 * DuckDB picks a macro's form by the types of its arguments, but it cannot type an aggregate or a
 * window function there. Those carry this mark, and calls with a marked operand go through a lambda,
 * whose parameter has the type the aggregate turned out to have.
 */
const aggregateMark = "/*aggregate*/";

export function markAggregate(sql: string): string {
  return `${aggregateMark}${sql}`;
}

/** A call of one of our macros. */
export function macroCall(name: string, operands: readonly string[]): string {
  const marked = operands.filter((operand) => operand.includes(aggregateMark));
  if (marked.length === 0) return `${name}(${operands.join(", ")})`;
  const fields = marked.map((operand, index) => `p${index} := ${operand}`).join(", ");
  const inner = operands.map((operand) => {
    const index = marked.indexOf(operand);
    return index < 0 ? operand : `v.p${index}`;
  });
  const call = `${name}(${inner.join(", ")})`;
  return `list_transform([struct_pack(${fields})], lambda v: ${call})[1]`;
}
