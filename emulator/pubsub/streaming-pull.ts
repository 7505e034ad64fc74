import type { ServerDuplexStream } from "@grpc/grpc-js";
import { type StatusError, toServiceError } from "../grpc/status-error.ts";
import type { DeliveryLoop, Outlet } from "./delivery-loop.ts";
import {
  encodeAckConfirmation,
  encodeDeliveries,
  encodeModifyConfirmation,
  encodeProperties,
  readStreamingPullRequest,
  type StreamingPullRequest,
} from "./pull-frames.ts";
import { invalidArgument } from "./refusal.ts";
import type { Endpoint } from "./resource-handlers.ts";

type PullCall = ServerDuplexStream<Buffer, Buffer>;

/** Serves one StreamingPull: the first request opens it, later ones ack, move deadlines, or ping. */
export function serveStreamingPull(
  call: PullCall,
  endpoint: Endpoint & { readonly region: number; readonly loop: DeliveryLoop },
): void {
  let stream: PullStream | undefined;
  const fail = (error: unknown) => {
    stream?.close();
    call.emit("error", toServiceError(error));
  };
  call.on("data", (bytes: Buffer) => {
    if (stream?.isClosed) return;
    try {
      endpoint.checkReachable();
      const request = readStreamingPullRequest(bytes);
      if (stream === undefined) stream = new PullStream(call, request, endpoint, fail);
      else stream.receive(request);
    } catch (error) {
      fail(error);
    }
  });
  call.on("drain", () => stream?.drained());
  call.on("cancelled", () => stream?.close());
  call.on("end", () => {
    if (stream === undefined) {
      call.emit(
        "error",
        toServiceError(invalidArgument("The stream ended before its first request.")),
      );
      return;
    }
    if (stream.isClosed) return;
    stream.close();
    call.end();
  });
}

class PullStream {
  isClosed = false;
  readonly #call: PullCall;
  readonly #endpoint: Endpoint & { readonly loop: DeliveryLoop };
  readonly #outlet: Outlet;
  #isWritable = true;

  constructor(
    call: PullCall,
    first: StreamingPullRequest,
    endpoint: Endpoint & { readonly region: number; readonly loop: DeliveryLoop },
    fail: (error: StatusError) => void,
  ) {
    this.#call = call;
    this.#endpoint = endpoint;
    if (first.subscription === "") {
      throw invalidArgument("The first request of the stream names no subscription.");
    }
    const options = { ...first, region: endpoint.region };
    const { subscription, consumer } = endpoint.state.openStream(options, endpoint.nowMs());
    this.#outlet = {
      subscription,
      consumer,
      isWritable: () => this.#isWritable,
      send: (leases) => this.#write(encodeDeliveries(subscription, leases)),
      fail,
    };
    this.#write(encodeProperties(subscription));
    this.#settle(first);
    endpoint.loop.add(this.#outlet);
  }

  receive(request: StreamingPullRequest): void {
    if (request.subscription !== "") {
      throw invalidArgument("Only the first request of a stream may name the subscription.");
    }
    if (request.maxOutstandingMessages !== 0 || request.maxOutstandingBytes !== 0) {
      throw invalidArgument("Only the first request of a stream may set max_outstanding limits.");
    }
    const { subscription, consumer } = this.#outlet;
    if (request.ackDeadlineSeconds > 0) consumer.ackDeadlineMs = request.ackDeadlineSeconds * 1000;
    const isPing = request.ackIds.length === 0 && request.deadlineChanges.length === 0;
    if (isPing) this.#write(encodeProperties(subscription));
    else this.#settle(request);
  }

  drained(): void {
    this.#isWritable = true;
    this.#endpoint.state.stir(this.#outlet.subscription);
    this.#endpoint.loop.wake();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const { subscription, consumer } = this.#outlet;
    this.#endpoint.state.closeStream(subscription, consumer);
    this.#endpoint.loop.remove(this.#outlet);
  }

  #settle(request: StreamingPullRequest): void {
    const { state, loop } = this.#endpoint;
    const { subscription, consumer } = this.#outlet;
    const nowMs = this.#endpoint.nowMs();
    const { ackIds, deadlineChanges } = request;
    if (ackIds.length + deadlineChanges.length > 0) consumer.isPaced = false;
    if (ackIds.length > 0) {
      const outcome = state.acknowledge(subscription.name, ackIds, nowMs);
      this.#confirm(() => encodeAckConfirmation(outcome));
    }
    if (deadlineChanges.length > 0) {
      const outcome = state.modifyAckDeadline(subscription.name, deadlineChanges, nowMs);
      this.#confirm(() => encodeModifyConfirmation(outcome));
    }
    loop.wake();
  }

  /** Only exactly-once subscriptions confirm. A reply may get lost or come late on purpose. */
  #confirm(encode: () => Buffer): void {
    const { subscription } = this.#outlet;
    if (!subscription.exactlyOnce) return;
    const { state, nowMs } = this.#endpoint;
    const fault = state.ackReplyFault(subscription.name, nowMs());
    if (fault.kind === "lost") return;
    if (fault.kind === "prompt") this.#write(encode());
    else setTimeout(() => this.#write(encode()), fault.delayMs).unref();
  }

  #write(frame: Buffer): void {
    if (!this.isClosed) this.#isWritable = this.#call.write(frame);
  }
}
