/** A cell as JSON has it. */
export type PlainValue = string | number | boolean | null;
export type PlainRow = Readonly<Record<string, PlainValue>>;

/** A client's row with its wrapped values unwrapped. */
export function plainRow(row: Readonly<Record<string, unknown>>): PlainRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value)]));
}

/**
 * A value of a Google client as JSON has it: timestamps RFC 3339, NUMERIC and integers beyond 2^53 as
 * decimal text, BYTES base64, arrays and structs as JSON text.
 */
export function plainValue(value: unknown): PlainValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return String(value);
  if (Buffer.isBuffer(value)) return value.toString("base64");
  if (value instanceof Date) return value.toISOString();
  // NUMERIC is a Big, whose own text turns to exponents below a millionth.
  if (typeof value === "object" && "toFixed" in value && typeof value.toFixed === "function") {
    return String(value.toFixed());
  }
  if (typeof value === "object" && "value" in value) return plainValue(value.value);
  return JSON.stringify(value, (_key, inner: unknown) => {
    return isWrapped(inner) ? plainValue(inner) : inner;
  });
}

function isWrapped(value: unknown): boolean {
  if (typeof value === "bigint" || Buffer.isBuffer(value)) return true;
  return typeof value === "object" && value !== null && ("toFixed" in value || "value" in value);
}
