/**
 * What Storage Write decides without I/O: offsets of write streams, and which of two changes of one
 * row is newer. Pure; time comes in.
 */
export type StreamType = "COMMITTED" | "BUFFERED" | "PENDING";

export interface WriteStream {
  readonly name: string;
  readonly table: string;
  readonly type: StreamType;
  readonly createTimeMs: number;
  /** Rows appended so far, which is the next offset. */
  rowCount: number;
  isFinalized: boolean;
  /** When a pending stream was committed. */
  commitTimeMs: number | undefined;
  /** Rows below this offset are visible in a buffered stream. */
  flushedRows: number;
}

export type AppendDecision =
  | { readonly kind: "append"; readonly offset: number }
  | { readonly kind: "alreadyExists" | "outOfRange" | "finalized"; readonly message: string };

/** Whether rows may be appended at `offset`; undefined means at the end. */
export function decideAppend(stream: WriteStream, offset: number | undefined): AppendDecision {
  const next = stream.rowCount;
  const place = `expected offset ${next}, received ${offset}, stream ${stream.name}`;
  if (stream.isFinalized) {
    return { kind: "finalized", message: `Stream is finalized: ${stream.name}` };
  }
  if (offset === undefined || offset === next) return { kind: "append", offset: next };
  if (offset < next) {
    return { kind: "alreadyExists", message: `The offset is within stream, ${place}` };
  }
  return { kind: "outOfRange", message: `The offset is beyond stream, ${place}` };
}

const sequencePattern = /^[0-9a-fA-F]{1,16}(?:\/[0-9a-fA-F]{1,16}){0,3}$/;
/** By how many digits a section has. */
const LENGTH_LETTERS = "0123456789ABCDEFG";

/**
 * A `_CHANGE_SEQUENCE_NUMBER` as text whose order is its own: hexadecimal sections, at most four, each as a
 * letter for its length and its digits without leading zeros. Section by section as numbers; where one is the
 * other's prefix, the longer is the newer. Undefined where the text is not one. Short, since DuckDB keeps
 * what it replaces of texts over twelve bytes.
 */
export function readSequence(text: string): string | undefined {
  if (!sequencePattern.test(text)) return undefined;
  let sequence = "";
  for (const section of text.toUpperCase().split("/")) {
    const digits = section.replace(/^0+/, "");
    sequence += `${LENGTH_LETTERS[digits.length]}${digits}`;
  }
  return sequence;
}

/** The newest change of one primary key. A deletion is kept, so that older upserts stay away. */
export interface Change<Row> {
  readonly kind: "upsert" | "delete";
  /** Undefined where the writer sends none: then arrival decides. */
  readonly sequence: string | undefined;
  readonly row: Row;
}

/** Whether `next` replaces `current`; an equal sequence number is settled by arrival. */
export function supersedes<Row>(next: Change<Row>, current: Change<Row> | undefined): boolean {
  if (current?.sequence === undefined || next.sequence === undefined) return true;
  return next.sequence >= current.sequence;
}
