/**
 * The world failed and may heal: aborted, unavailable, deadline passed. The delivery is nacked and
 * comes again. Thrown by adapters only, with the vendor's error as `cause`.
 */
export class RetryableError extends Error {
  override readonly name = "RetryableError";
  /** How long the server asked us to wait, in milliseconds; undefined where it named no delay. */
  readonly retryDelayMs: number | undefined;

  constructor(message: string, options?: { cause?: unknown; retryDelayMs?: number }) {
    super(message, { cause: options?.cause });
    this.retryDelayMs = options?.retryDelayMs;
  }
}

/** This message can never succeed. It goes to `dead_letters` with `reason`, and is acked. */
export class PoisonMessageError extends Error {
  override readonly name = "PoisonMessageError";
  /** A stable code that dead letters are counted and searched by, e.g. `undecodable`. */
  readonly reason: string;

  constructor(reason: string, message: string, options?: { cause?: unknown }) {
    super(message, { cause: options?.cause });
    this.reason = reason;
  }
}

/** A fault in what a user handed in (flag, file, environment). Shown as one line, without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What an error says, without its stack; whatever else was thrown, as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The only place where an error becomes a decision. An error that is none of ours is a bug. */
export function dispositionOf(error: unknown): "nack" | "deadLetter" | "crash" {
  if (error instanceof RetryableError) return "nack";
  if (error instanceof PoisonMessageError) return "deadLetter";
  return "crash";
}
