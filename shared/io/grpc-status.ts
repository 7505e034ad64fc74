import { status } from "@grpc/grpc-js";
import { messageOf, RetryableError } from "../core/errors.ts";

const retryableCodes: ReadonlySet<number> = new Set([
  status.UNAVAILABLE,
  status.ABORTED,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
  status.INTERNAL,
  status.UNKNOWN,
  status.CANCELLED,
]);

/** The gRPC code that an error of a Google client carries, or undefined where it is none of theirs. */
export function grpcCodeOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "number" ? error.code : undefined;
}

/**
 * Sorts a Google client's failure: what may pass becomes a RetryableError with the failure as cause, the
 * rest is given back as it is and ends the process. The one place that knows which codes pass.
 */
export function classified(error: unknown, doing: string): Error {
  const code = grpcCodeOf(error);
  const reason = messageOf(error);
  if (code !== undefined && retryableCodes.has(code)) {
    return new RetryableError(`${doing}: ${reason}`, { cause: error });
  }
  return new Error(`${doing}: ${reason}`, { cause: error });
}
