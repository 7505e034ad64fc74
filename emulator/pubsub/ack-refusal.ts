import { status } from "@grpc/grpc-js";
import { StatusError } from "../grpc/status-error.ts";
import type { AckOutcome } from "./state.ts";

/**
 * What a unary ack or modack answers where an exactly-once subscription refuses some ids. Clients take
 * the ids that ErrorInfo does not name to have the call's own code: with INVALID_ARGUMENT they report
 * them as failed for unknown reasons, with ABORTED they send them again, which succeeds.
 */
export function refusalOfAckIds({ invalid, unordered }: AckOutcome): StatusError | undefined {
  if (invalid.length === 0 && unordered.length === 0) return undefined;
  const metadata = Object.fromEntries([
    ...invalid.map((ackId) => [ackId, "PERMANENT_FAILURE_INVALID_ACK_ID"]),
    ...unordered.map((ackId) => [ackId, "TRANSIENT_FAILURE_UNORDERED_ACK_ID"]),
  ]);
  return new StatusError(
    invalid.length > 0 ? status.INVALID_ARGUMENT : status.ABORTED,
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
