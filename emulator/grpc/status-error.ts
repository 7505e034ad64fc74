import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { messageOf } from "./message-of.ts";
import { encodeRetryInfo, encodeStatusDetails } from "./status-details.ts";

/** `google.rpc.ErrorInfo`: a reason that programs branch on. Pub/Sub names ack ids in `metadata`. */
export interface ErrorInfo {
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a call of an emulated service answers when it refuses: a gRPC code, a sentence, and details. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly code: status;
  readonly errorInfo: ErrorInfo | undefined;
  /** `google.rpc.RetryInfo`, in milliseconds. Spanner sends it with ABORTED. */
  readonly retryDelayMs: number | undefined;

  constructor(
    code: status,
    message: string,
    details?: { errorInfo?: ErrorInfo; retryDelayMs?: number; cause?: unknown },
  ) {
    super(message, { cause: details?.cause });
    this.code = code;
    this.errorInfo = details?.errorInfo;
    this.retryDelayMs = details?.retryDelayMs;
  }
}

/** The form grpc-js sends. Anything but a {@link StatusError} is a bug of ours: INTERNAL, its message kept. */
export function toServiceError(error: unknown): ServiceError {
  const failure =
    error instanceof StatusError ? error : new StatusError(status.INTERNAL, messageOf(error));
  const metadata = new Metadata();
  if (failure.errorInfo !== undefined || failure.retryDelayMs !== undefined) {
    metadata.set("grpc-status-details-bin", encodeStatusDetails(failure));
  }
  if (failure.retryDelayMs !== undefined) {
    metadata.set("google.rpc.retryinfo-bin", encodeRetryInfo(failure.retryDelayMs));
  }
  return Object.assign(new Error(failure.message), {
    code: failure.code,
    details: failure.message,
    metadata,
  });
}
