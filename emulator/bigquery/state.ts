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

/** The usual case, of a writer that fills up its sections itself. */
const writtenOut = /^[0-9A-F]{16}(?:\/[0-9A-F]{16}){0,3}$/;
const sequencePattern = /^[0-9a-fA-F]{1,16}(?:\/[0-9a-fA-F]{1,16}){0,3}$/;

/**
 * A `_CHANGE_SEQUENCE_NUMBER` as text whose order is its own: hexadecimal sections, at most four, each
 * filled up to 16 digits. Section by section as numbers; where one is the other's prefix, the longer is
 * the newer. Undefined where the text is not one.
 */
export function readSequence(text: string): string | undefined {
  if (writtenOut.test(text)) return text;
  if (!sequencePattern.test(text)) return undefined;
  const upper = text.toUpperCase();
  if (!upper.includes("/")) return upper.padStart(16, "0");
  return upper
    .split("/")
    .map((section) => section.padStart(16, "0"))
    .join("/");
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
