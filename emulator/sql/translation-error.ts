/**
 * A query that cannot be translated. The message is a sentence that names what and where, with the
 * place written as GoogleSQL does: `at [line:column]`, both from 1.
 */
export class TranslationError extends Error {
  override readonly name = "TranslationError";
  readonly line: number;
  readonly column: number;

  constructor(sentence: string, source: string, offset: number) {
    const before = source.slice(0, offset).split("\n");
    const column = (before.at(-1)?.length ?? 0) + 1;
    super(`${sentence} at [${before.length}:${column}]`);
    this.line = before.length;
    this.column = column;
  }
}
