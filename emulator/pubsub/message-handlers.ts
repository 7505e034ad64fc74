import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import { toServiceError } from "../grpc/status-error.ts";
import { refusalOfAckIds } from "./ack-refusal.ts";
import type { DeliveryLoop, WaitingPull } from "./delivery-loop.ts";
import type { HeldAcks } from "./held-acks.ts";
import { readPublishRequest } from "./publish-request.ts";
import {
  encodeDeliveries,
  encodePublishResponse,
  readAcknowledgeRequest,
  readModifyRequest,
  readPullRequest,
} from "./pull-frames.ts";
import { unavailable } from "./refusal.ts";
import { type Endpoint, unary } from "./resource-handlers.ts";
import type { AckOutcome } from "./state.ts";
import { serveStreamingPull } from "./streaming-pull.ts";

export type MessageEndpoint = Endpoint & {
  readonly region: number;
  readonly loop: DeliveryLoop;
  readonly heldAcks: HeldAcks;
};

/** How long a Pull waits for a first message. */
const PULL_WAIT_MS = 3000;
const EMPTY = Buffer.alloc(0);

export function publishHandler(endpoint: MessageEndpoint): UntypedServiceImplementation {
  return {
    Publish: unary(endpoint, (bytes: Buffer, nowMs) =>
      encodePublishResponse(
        endpoint.state.publish(readPublishRequest(bytes), endpoint.region, nowMs),
      ),
    ),
  };
}

export function pullHandlers(endpoint: MessageEndpoint): UntypedServiceImplementation {
  const { state, heldAcks } = endpoint;
  return {
    StreamingPull: (call: Parameters<typeof serveStreamingPull>[0]) =>
      serveStreamingPull(call, endpoint),
    Pull: pullHandler(endpoint),
    Acknowledge: settling(endpoint, (bytes, _, answer) => {
      const { subscription, ackIds } = readAcknowledgeRequest(bytes);
      heldAcks.acknowledge(subscription, ackIds, (outcome) => answer(subscription, outcome));
    }),
    ModifyAckDeadline: settling(endpoint, (bytes, nowMs, answer) => {
      const { subscription, changes } = readModifyRequest(bytes);
      answer(subscription, state.modifyAckDeadline(subscription, changes, nowMs));
    }),
  };
}

type Settle = (
  bytes: Buffer,
  nowMs: number,
  answer: (subscription: string, outcome: AckOutcome) => void,
) => void;

/** A handler of acks or modacks, whose reply may get lost or come late on purpose. */
function settling(endpoint: MessageEndpoint, settle: Settle): handleUnaryCall<Buffer, Buffer> {
  const { state, loop } = endpoint;
  return (call, callback) => {
    try {
      endpoint.checkReachable();
      settle(call.request, endpoint.nowMs(), (subscription, outcome) => {
        const fault = state.ackReplyFault(subscription, endpoint.nowMs());
        const delayMs = fault.kind === "late" ? fault.delayMs : 0;
        const refusal =
          fault.kind === "lost"
            ? unavailable("The reply is lost: fault lostAckReply.")
            : refusalOfAckIds(outcome);
        const reply = () =>
          refusal === undefined ? callback(null, EMPTY) : callback(toServiceError(refusal));
        if (delayMs > 0) setTimeout(reply, delayMs);
        else reply();
      });
      loop.wake();
    } catch (error) {
      callback(toServiceError(error));
    }
  };
}

function pullHandler(endpoint: MessageEndpoint): handleUnaryCall<Buffer, Buffer> {
  const { state, loop, region } = endpoint;
  return (call, callback) => {
    try {
      endpoint.checkReachable();
      const request = { ...readPullRequest(call.request), region };
      const first = state.pull(request, endpoint.nowMs());
      if (first.leases.length > 0 || request.returnImmediately) {
        loop.wake();
        callback(null, encodeDeliveries(first.subscription, first.leases));
        return;
      }
      waitForMessage(loop, {
        subscription: first.subscription,
        attempt: () => {
          if (call.cancelled) return true;
          try {
            endpoint.checkReachable();
            const { subscription, leases } = state.pull(request, endpoint.nowMs());
            if (leases.length > 0) callback(null, encodeDeliveries(subscription, leases));
            return leases.length > 0;
          } catch (error) {
            callback(toServiceError(error));
            return true;
          }
        },
        giveUp: () => callback(null, EMPTY),
      });
    } catch (error) {
      callback(toServiceError(error));
    }
  };
}

function waitForMessage(
  loop: DeliveryLoop,
  waiting: Pick<WaitingPull, "subscription" | "attempt"> & { readonly giveUp: () => void },
): void {
  const pull: WaitingPull = {
    subscription: waiting.subscription,
    attempt: () => {
      const isAnswered = waiting.attempt();
      if (isAnswered) clearTimeout(timer);
      return isAnswered;
    },
  };
  const timer = setTimeout(() => {
    loop.stopWaiting(pull);
    waiting.giveUp();
  }, PULL_WAIT_MS);
  loop.wait(pull);
}
