import { status } from "@grpc/grpc-js";
import { StatusError } from "../grpc/status-error.ts";
import type { AckOutcome } from "./state.ts";

/** Throws what a unary ack or modack answers where an exactly-once subscription refuses some ids. */
export function refuseFailedAckIds({ invalid, unordered }: AckOutcome): void {
  if (invalid.length === 0 && unordered.length === 0) return;
  const metadata = Object.fromEntries([
    ...invalid.map((ackId) => [ackId, "PERMANENT_FAILURE_INVALID_ACK_ID"]),
    ...unordered.map((ackId) => [ackId, "TRANSIENT_FAILURE_UNORDERED_ACK_ID"]),
  ]);
  throw new StatusError(
    invalid.length > 0 ? status.INVALID_ARGUMENT : status.FAILED_PRECONDITION,
    `Some ack ids in the request failed: ${invalid.length} are invalid or expired, and ` +
      `${unordered.length} came before an earlier message of their ordering key was acked.`,
    {
      errorInfo: {
        reason: "EXACTLY_ONCE_ACKID_FAILURE",
        domain: "pubsub.googleapis.com",
        metadata,
      },
    },
  );
}
