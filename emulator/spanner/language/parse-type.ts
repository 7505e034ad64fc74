import { isTypeCode, type SpannerType } from "../values/type.ts";
import { syntaxError, type TokenReader } from "./tokens.ts";

export interface ParsedType {
  readonly type: SpannerType;
  /** Of STRING(n) and BYTES(n), also inside an ARRAY; undefined is MAX. */
  readonly maxLength: number | undefined;
}

/** A column's or CAST's type: `INT64`, `STRING(MAX)`, `ARRAY<STRING(36)>`. */
export function parseType(reader: TokenReader): ParsedType {
  const { start } = reader.peek();
  const name = reader.takeName("a type").toUpperCase();
  if (name === "ARRAY") {
    reader.expect("<");
    const element = parseType(reader);
    reader.expect(">");
    return { type: { code: "ARRAY", element: element.type }, maxLength: element.maxLength };
  }
  if (!isTypeCode(name) || name === "STRUCT") {
    throw syntaxError(reader.text, start, `The emulator has no column type ${name}`);
  }
  return { type: { code: name }, maxLength: reader.take("(") ? parseLength(reader) : undefined };
}

function parseLength(reader: TokenReader): number | undefined {
  const token = reader.next();
  const length = token.text.toUpperCase() === "MAX" ? undefined : Number(token.text);
  if (length !== undefined && !Number.isSafeInteger(length)) {
    throw syntaxError(reader.text, token.start, `Expected MAX or a length but got ${token.text}`);
  }
  reader.expect(")");
  return length;
}
