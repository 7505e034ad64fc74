import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  type ServiceError,
} from "@grpc/grpc-js";
import { RetryableError } from "../core/errors.ts";
import {
  encodeAckIds,
  encodeAcks,
  encodeModifyDeadlines,
  encodePullOpening,
} from "../wire/pull-request.ts";
import { PulledMessages } from "../wire/pull-response.ts";
import { jitteredMs } from "./backoff.ts";
import { classified } from "./grpc-status.ts";
import type { Clock, Log, Metrics } from "./ports.ts";

export interface PullStreamOptions {
  /** `host:port` of the region's endpoint. */
  readonly address: string;
  readonly credentials: ChannelCredentials;
  /** Full resource name. */
  readonly subscription: string;
  readonly clientId: string;
  /** Lease of every delivery, extended while it is held. Seconds, 10 to 600. */
  readonly ackDeadlineS: number;
  /** The service sends no more while this much is unacked: the bound of the worker's memory. */
  readonly maxOutstandingMessages: number;
  readonly maxOutstandingBytes: number;
  /** Most messages given to one bundle. */
  readonly bundleMessagesMax: number;
  /** How long a bundle waits for more messages after its first. Milliseconds. */
  readonly bundleLingerMs: number;
}

/** Messages processed and committed together. */
export interface PulledBundle {
  readonly responses: readonly PulledMessages[];
  readonly messageCount: number;
}

const METHOD = "/google.pubsub.v1.Subscriber/StreamingPull";
const RECONNECT_BACKOFF = { minMs: 100, maxMs: 10_000 };
/** 64 KB, HTTP/2's default, would let a stream carry no more than a few responses a round trip. */
const FLOW_CONTROL_WINDOW_BYTES = 4 * 1024 * 1024;

/**
 * One StreamingPull, opened again whenever it breaks. Responses stay as bytes and are read in place; acks
 * go back on the stream in the order of their keys. Deliveries that a broken stream left here keep
 * their leases and are processed; the service delivers again what we fail to ack in time.
 */
export class PullStream {
  readonly #options: PullStreamOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #client: Client;
  /** Responses that are not acked, each with when it came, oldest first. */
  readonly #held = new Map<PulledMessages, number>();
  /** Acked responses, whose columns the next ones are read into; at most as many as were held at once. */
  readonly #spare: PulledMessages[] = [];
  #queue: PulledMessages[] = [];
  #queuedMessages = 0;
  #stream: ClientDuplexStream<Buffer, Buffer> | undefined;
  #heldMessages = 0;
  /** When there last was a sign that messages wait at the service. */
  #backlogAtMs = Number.NEGATIVE_INFINITY;
  #receivedAtMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #fatal: Error | undefined;
  #isStopped = false;
  #stopExtending: () => void = () => undefined;
  #wake: () => void = () => undefined;

  constructor(options: PullStreamOptions, ports: { clock: Clock; log: Log; metrics: Metrics }) {
    this.#options = options;
    this.#clock = ports.clock;
    this.#log = ports.log;
    this.#metrics = ports.metrics;
    this.#client = new Client(options.address, options.credentials, {
      "grpc.max_receive_message_length": -1,
      "grpc-node.flow_control_window": FLOW_CONTROL_WINDOW_BYTES,
      "grpc.enable_channelz": 0,
    });
  }

  start(): void {
    this.#open();
    const extendEveryMs = (this.#options.ackDeadlineS * 1000) / 3;
    this.#stopExtending = this.#clock.every(extendEveryMs, () => this.#extendLeases());
  }

  /**
   * The next bundle, in order of delivery, or undefined once {@link stop} was called. Rejects with what
   * ended the stream for good, e.g. a subscription that does not exist.
   */
  async take(): Promise<PulledBundle | undefined> {
    while (this.#queue.length === 0) {
      if (this.#fatal !== undefined) throw this.#fatal;
      if (this.#isStopped) return undefined;
      await this.#somethingHappens(Number.POSITIVE_INFINITY);
    }
    const fullAtMs = this.#clock.nowMs() + this.#options.bundleLingerMs;
    while (this.#queuedMessages < this.#options.bundleMessagesMax && !this.#isStopped) {
      const waitMs = fullAtMs - this.#clock.nowMs();
      if (waitMs <= 0) break;
      await this.#somethingHappens(waitMs);
    }
    return this.#cutBundle();
  }

  /** Acks a whole bundle, in order. Whether the service took it shows in the confirmations' metrics. */
  ack(bundle: PulledBundle): void {
    for (const messages of bundle.responses) {
      this.#send(encodeAcks(messages, 0, messages.count));
      this.#release(messages);
    }
  }

  /** Gives a bundle back; its messages come again after the subscription's backoff. */
  nack(bundle: PulledBundle): void {
    for (const messages of bundle.responses) {
      this.#send(encodeModifyDeadlines(messages, { from: 0, to: messages.count }, 0));
      this.#release(messages);
    }
  }

  /**
   * Whether messages may wait at the service, or at producers that were cut off, so that keys may have
   * older events yet to come: the stream is down, or within the last minute it was opened, was at its
   * bound of outstanding messages, brought its first messages after a silence, or what it had brought waited
   * here for longer than one lasts.
   */
  mayHaveBacklog(): boolean {
    const nowMs = this.#clock.nowMs();
    const [oldestMs = nowMs] = this.#held.values();
    if (nowMs - oldestMs > SILENCE_MS) this.#backlogAtMs = nowMs;
    return this.#stream === undefined || nowMs - this.#backlogAtMs < BACKLOG_MEMORY_MS;
  }

  /** Takes nothing more. Queued messages that no bundle holds are given back. */
  stop(): void {
    this.#isStopped = true;
    const responses = this.#queue;
    this.#queue = [];
    this.#queuedMessages = 0;
    this.nack({ responses, messageCount: 0 });
    this.#wake();
  }

  /** Ends the stream once what was sent on it is flushed. */
  async close(): Promise<void> {
    this.#stopExtending();
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream !== undefined) {
      const ended = new Promise<void>((resolve) => {
        stream.once("close", resolve);
        stream.once("end", resolve);
        stream.once("error", () => resolve());
      });
      stream.end();
      await Promise.race([ended, this.#clock.sleep(CLOSE_PATIENCE_MS)]);
    }
    this.#client.close();
  }

  #open(): void {
    const stream = this.#client.makeBidiStreamRequest(METHOD, identity, identity);
    this.#stream = stream;
    this.#backlogAtMs = this.#clock.nowMs();
    stream.on("data", (bytes: Buffer) => this.#receive(bytes));
    stream.on("error", (error: ServiceError) => this.#reopen(stream, error));
    stream.on("end", () => this.#reopen(stream, undefined));
    stream.write(encodePullOpening(this.#options));
  }

  #receive(bytes: Buffer): void {
    this.#failures = 0;
    const messages = this.#spare.pop() ?? new PulledMessages();
    messages.read(bytes);
    const { confirmed, refused, temporaryFailed } = messages.confirmations;
    if (confirmed > 0) this.#metrics.add("acks_confirmed", confirmed);
    if (refused > 0) this.#metrics.add("acks_refused", refused);
    if (temporaryFailed.length > 0) {
      this.#metrics.add("acks_retried", temporaryFailed.length);
      this.#send(encodeAckIds(temporaryFailed));
    }
    if (messages.count === 0) {
      this.#spare.push(messages);
      return;
    }
    this.#metrics.add("messages_received", messages.count);
    this.#queue.push(messages);
    this.#queuedMessages += messages.count;
    this.#heldMessages += messages.count;
    this.#metrics.set("messages_held", this.#heldMessages);
    const nowMs = this.#clock.nowMs();
    this.#held.set(messages, nowMs);
    const isSaturated =
      this.#heldMessages >= this.#options.maxOutstandingMessages * SATURATED_SHARE;
    if (isSaturated || nowMs - this.#receivedAtMs > SILENCE_MS) this.#backlogAtMs = nowMs;
    this.#receivedAtMs = nowMs;
    if (this.#isStopped) this.stop();
    this.#wake();
  }

  #reopen(stream: ClientDuplexStream<Buffer, Buffer>, error: ServiceError | undefined): void {
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    if (this.#isStopped) return;
    const failure = classified(error ?? { code: 14, message: "stream ended" }, "StreamingPull");
    if (error !== undefined && !(failure instanceof RetryableError)) {
      this.#fatal = failure;
      this.#wake();
      return;
    }
    this.#metrics.add("pull_streams_reopened");
    this.#log.warn("pull stream broke", { reason: failure.message });
    const waitMs = jitteredMs(RECONNECT_BACKOFF, this.#failures++, Math.random);
    void this.#clock.sleep(waitMs).then(() => {
      if (!this.#isStopped) this.#open();
    });
  }

  #cutBundle(): PulledBundle {
    const responses: PulledMessages[] = [];
    let messageCount = 0;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (messageCount > 0 && messageCount + next.count > this.#options.bundleMessagesMax) break;
      responses.push(next);
      messageCount += next.count;
      this.#queue.shift();
    }
    this.#queuedMessages -= messageCount;
    return { responses, messageCount };
  }

  #release(messages: PulledMessages): void {
    if (!this.#held.delete(messages)) return;
    this.#heldMessages -= messages.count;
    this.#spare.push(messages);
  }

  #extendLeases(): void {
    for (const messages of this.#held.keys()) {
      const range = { from: 0, to: messages.count };
      this.#send(encodeModifyDeadlines(messages, range, this.#options.ackDeadlineS));
    }
  }

  /** Without a stream the request is dropped: its leases run out, and the service delivers again. */
  #send(request: Buffer): void {
    if (this.#stream === undefined) this.#metrics.add("acks_lost_to_broken_stream");
    else this.#stream.write(request);
  }

  #somethingHappens(patienceMs: number): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (patienceMs === Number.POSITIVE_INFINITY) return woken;
    return Promise.race([woken, this.#clock.sleep(patienceMs)]);
  }
}

const BACKLOG_MEMORY_MS = 60_000;
const SILENCE_MS = 10_000;
/** Responses are whole, so the service stops short of the bound. */
const SATURATED_SHARE = 0.9;
const CLOSE_PATIENCE_MS = 2000;

function identity(bytes: Buffer): Buffer {
  return bytes;
}
