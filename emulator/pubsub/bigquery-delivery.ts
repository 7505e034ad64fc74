/**
 * Delivers BigQuery subscriptions: each takes its messages as a consumer of its own, appends them to
 * the table's default stream through the Storage Write API, and acks what was written. What fails
 * stays in the backlog and is tried again, ever more slowly.
 */
import type { ClientDuplexStream } from "@grpc/grpc-js";
import type { AppendRequests } from "./append-request.ts";
import { type RowFormat, rowFormatOf } from "./bigquery-rows.ts";
import { type AppendResponse, BigQueryWriteClient } from "./bigquery-write-client.ts";
import type { Consumer } from "./consumer.ts";
import type { DeliveryLoop, Outlet } from "./delivery-loop.ts";
import type { Lease } from "./lease.ts";
import type { BigQueryConfig } from "./resources.ts";
import type { PubsubState } from "./state.ts";
import type { Subscription } from "./subscription.ts";

const OUTSTANDING_MESSAGES_MAX = 5000;
const ACK_DEADLINE_SECONDS = 600;
const RETRY_MS = { first: 500, max: 60_000 } as const;

interface Parts {
  readonly state: PubsubState;
  readonly loop: DeliveryLoop;
  readonly nowMs: () => number;
  readonly client: BigQueryWriteClient;
}

/** Starts and stops a writer for each BigQuery subscription as the delivery loop comes across it. */
export class BigQueryDelivery {
  readonly #parts: Parts;
  readonly #writers = new Map<Subscription, TableWriter>();

  /** `address` is the Storage Write API's `host:port`. */
  constructor(parts: Omit<Parts, "client">, address: string) {
    this.#parts = { ...parts, client: new BigQueryWriteClient(address) };
  }

  attend(subscription: Subscription): void {
    if (!subscription.resource.bigqueryConfig || this.#writers.has(subscription)) return;
    const writer = new TableWriter(this.#parts, subscription, () =>
      this.#writers.delete(subscription),
    );
    this.#writers.set(subscription, writer);
    writer.start();
  }

  close(): void {
    for (const writer of [...this.#writers.values()]) writer.close();
    this.#parts.client.close();
  }
}

/** Writes one subscription's messages, one append at a time, so that they arrive in order. */
class TableWriter {
  readonly #parts: Parts;
  readonly #subscription: Subscription;
  readonly #onClose: () => void;
  readonly #outlet: Outlet;
  #stream: ClientDuplexStream<Buffer, AppendResponse> | undefined;
  /** Undefined while the table or the connection to it is not there. */
  #requests: AppendRequests | undefined;
  #inFlight: readonly Lease[] = [];
  #retryMs: number = RETRY_MS.first;
  #retryTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(parts: Parts, subscription: Subscription, onClose: () => void) {
    this.#parts = parts;
    this.#subscription = subscription;
    this.#onClose = onClose;
    const consumer: Consumer = parts.state.connect(subscription, {
      region: 0,
      ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
      maxOutstandingMessages: OUTSTANDING_MESSAGES_MAX,
      maxOutstandingBytes: 0,
    });
    this.#outlet = {
      subscription,
      consumer,
      isWritable: () => this.#requests !== undefined && this.#inFlight.length === 0,
      send: (leases) => this.#append(leases),
      fail: () => this.close(),
    };
  }

  start(): void {
    this.#parts.loop.add(this.#outlet);
    this.#open();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#retryTimer);
    const stream = this.#stream;
    // So that its end, which comes later, opens no other one.
    this.#stream = undefined;
    stream?.cancel();
    this.#parts.state.closeStream(this.#subscription, this.#outlet.consumer);
    this.#parts.loop.remove(this.#outlet);
    this.#onClose();
  }

  /** Learns the table's columns, then opens the stream; whatever fails is tried again later. */
  #open(): void {
    const { client, state } = this.#parts;
    client.readColumns(streamNameOf(this.#config), (columns) => {
      if (this.#isClosed) return;
      if (columns === undefined) {
        this.#retryLater("NOT_FOUND");
        return;
      }
      let format: RowFormat;
      try {
        format = rowFormatOf(state.catalog, this.#subscription, columns);
      } catch {
        this.#retryLater("SCHEMA_MISMATCH");
        return;
      }
      this.#connect(format);
    });
  }

  #connect(format: RowFormat): void {
    const { client } = this.#parts;
    this.#requests = client.requests(streamNameOf(this.#config), format);
    const stream = client.appendRows();
    stream.on("data", (response: AppendResponse) => this.#settle(response));
    stream.on("error", () => {
      if (this.#stream === stream) this.#reopen();
    });
    stream.on("end", () => {
      if (this.#stream === stream) this.#reopen();
    });
    this.#stream = stream;
    this.#wake();
  }

  #append(leases: readonly Lease[]): void {
    if (this.#requests === undefined)
      throw new Error("rows are sent only while the table is known");
    this.#inFlight = leases;
    this.#stream?.write(this.#requests.next(leases.map(({ message }) => message)));
  }

  /** Acks what was written. A refused row refuses its whole batch: the others come again at once. */
  #settle(response: AppendResponse): void {
    const leases = this.#inFlight;
    this.#inFlight = [];
    const refused = new Set((response.rowErrors ?? []).map(({ index }) => Number(index)));
    if (refused.size === 0 && !response.error) {
      this.#retryMs = RETRY_MS.first;
      this.#setState("ACTIVE");
      const ackIds = leases.map((lease) => this.#subscription.ackIdOf(lease));
      this.#parts.state.acknowledge(this.#subscription.name, ackIds, this.#parts.nowMs());
      this.#wake();
    } else if (refused.size > 0) {
      this.#giveBack(leases, (index) => refused.has(index));
      this.#wake();
    } else {
      this.#giveBack(leases, () => false);
      this.#reopen();
    }
  }

  #reopen(): void {
    const leases = this.#inFlight;
    this.#inFlight = [];
    this.#stream = undefined;
    this.#requests = undefined;
    this.#giveBack(leases, () => false);
    this.#retryLater("ACTIVE");
  }

  /** From the last to the first, so that returning an ordered one does not end leases to come. */
  #giveBack(leases: readonly Lease[], isRefused: (index: number) => boolean): void {
    const nowMs = this.#parts.nowMs();
    for (const [index, lease] of [...leases.entries()].reverse()) {
      if (lease.state !== "outstanding") continue;
      const backlog = this.#subscription.backlogAt(lease.message.region);
      if (isRefused(index)) backlog.fail(lease, nowMs);
      else backlog.repeat(lease, nowMs);
    }
  }

  #retryLater(state: NonNullable<BigQueryConfig["state"]>): void {
    this.#setState(state);
    this.#retryTimer = setTimeout(() => this.#open(), this.#retryMs);
    this.#retryMs = Math.min(RETRY_MS.max, this.#retryMs * 2);
  }

  #setState(state: NonNullable<BigQueryConfig["state"]>): void {
    if (this.#config.state === state) return;
    this.#subscription.resource = {
      ...this.#subscription.resource,
      bigqueryConfig: { ...this.#config, state },
      state: state === "ACTIVE" ? "ACTIVE" : "RESOURCE_ERROR",
    };
  }

  #wake(): void {
    this.#parts.state.stir(this.#subscription);
    this.#parts.loop.wake();
  }

  get #config(): BigQueryConfig {
    return this.#subscription.resource.bigqueryConfig ?? { table: "" };
  }
}

function streamNameOf({ table }: BigQueryConfig): string {
  const [project, dataset, id] = table.split(".");
  return `projects/${project}/datasets/${dataset}/tables/${id}/streams/_default`;
}
