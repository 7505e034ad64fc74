import type { AuctionEvent, Region } from "../../shared/core/auction/event.ts";
import { refuseFuture } from "../../shared/core/auction/future-skew.ts";
import type { Refusal } from "../../shared/core/auction/refusal.ts";
import { RetryableError } from "../../shared/core/errors.ts";
import type { Route } from "../../shared/core/ingest/admit-request.ts";
import { Budget } from "../../shared/core/ingest/budget.ts";
import { claimEvent } from "../../shared/core/ingest/claim-event.ts";
import { refuseUnserved } from "../../shared/core/ingest/refuse-unserved.ts";
import { overloaded, type RequestFault } from "../../shared/core/ingest/request-fault.ts";
import type { Credentials } from "../../shared/core/ingest/request-signature.ts";
import {
  type Answer,
  answerFault,
  answerResults,
  isRefusal,
  type PublishOutcome,
} from "../../shared/core/ingest/result-document.ts";
import type { EventPublisher } from "../../shared/io/event-publisher.ts";
import type { Clock, Log, Metrics } from "../../shared/io/ports.ts";
import {
  type NoticeOptions,
  readNoticeJson,
  readNoticeQuery,
} from "../../shared/wire/openrtb-notice.ts";
import { readEventsBody } from "../../shared/wire/read-events-body.ts";
import type { SenderCheck } from "./sender-check.ts";

/** The source of whoever sends where nobody signs, on loopback. */
const LOCAL_SOURCE = "local";

/** A request whose head and body are read and within their bounds. */
export interface AdmittedRequest {
  readonly method: string;
  readonly route: Exclude<Route, { readonly kind: "health" }>;
  /** Undefined where signing is off. */
  readonly credentials: Credentials | undefined;
  readonly body: Uint8Array;
}

export interface RequestPorts {
  readonly publisher: EventPublisher;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Undefined where signing is off. */
  readonly senders: SenderCheck | undefined;
}

export interface RequestLimits {
  /** Of events that name none. */
  readonly region: Region;
  /** The regions whose events are taken. */
  readonly regions: readonly Region[];
  readonly eventsInFlightMax: number;
  readonly publishTimeoutMs: number;
}

/** Takes admitted requests: who sent it, what it says, to Pub/Sub, and then the answer. */
export class RequestTaker {
  readonly #ports: RequestPorts;
  readonly #limits: RequestLimits;
  /** One a region: a region that is cut off fills its own and leaves the others theirs. */
  readonly #inFlight: Readonly<Record<Region, Budget>>;

  constructor(ports: RequestPorts, limits: RequestLimits) {
    this.#ports = ports;
    this.#limits = limits;
    const budget = (): Budget => new Budget(limits.eventsInFlightMax);
    this.#inFlight = { us: budget(), eu: budget(), apac: budget() };
  }

  async take(request: AdmittedRequest): Promise<Answer> {
    const { clock, senders } = this.#ports;
    const { method, credentials, body } = request;
    if (senders === undefined || credentials === undefined) {
      return this.#takeEvents(this.#read(request, undefined));
    }
    const sender = senders.check(method, credentials, body, clock.nowMs());
    if (sender.kind === "fault") return answerFault(sender);
    let wasTaken = false;
    try {
      const answer = await this.#takeEvents(this.#read(request, sender.source));
      wasTaken = answer.status < 500 && answer.status !== 429;
      return answer;
    } finally {
      sender.end(wasTaken);
    }
  }

  #read(
    { route, body }: AdmittedRequest,
    source: string | undefined,
  ): readonly (AuctionEvent | Refusal)[] | RequestFault {
    const { clock, senders } = this.#ports;
    const { region: defaultRegion, regions } = this.#limits;
    const nowMs = clock.nowMs();
    const checked = (event: AuctionEvent | Refusal): AuctionEvent | Refusal =>
      refuseFuture(refuseUnserved(event, regions), nowMs);
    if (route.kind === "notice") {
      const options = {
        source: source ?? LOCAL_SOURCE,
        defaultRegion,
        receivedTimeUs: nowMs * 1000,
      };
      return [checked(readNotice(route, body, options))];
    }
    const events = readEventsBody(route.form, body, { defaultRegion });
    if ("kind" in events) return events;
    return events.map((event) =>
      checked(
        source === undefined ? event : claimEvent(event, source, senders?.sources ?? new Set()),
      ),
    );
  }

  async #takeEvents(events: readonly (AuctionEvent | Refusal)[] | RequestFault): Promise<Answer> {
    if ("kind" in events) return answerFault(events);
    const { metrics } = this.#ports;
    const accepted = events.filter((event): event is AuctionEvent => !isRefusal(event));
    const outcome = await this.#publish(accepted);
    if (typeof outcome !== "string") return answerFault(outcome);
    metrics.add(
      outcome === "published" ? "events_accepted" : "events_unconfirmed",
      accepted.length,
    );
    for (const event of events) if (isRefusal(event)) metrics.add(`events_refused_${event.reason}`);
    return answerResults(events, outcome);
  }

  async #publish(events: readonly AuctionEvent[]): Promise<PublishOutcome | RequestFault> {
    const counts = new Map<Region, number>();
    for (const { region } of events) counts.set(region, (counts.get(region) ?? 0) + 1);
    const taken: [Region, number][] = [];
    for (const [region, count] of counts) {
      if (!this.#inFlight[region].take(count)) {
        this.#give(taken);
        return overloaded(`Too many events of ${region} are on their way`);
      }
      taken.push([region, count]);
    }
    // What is on its way stays counted until Pub/Sub has answered, however long its sender waits.
    const sending = this.#send(events).finally(() => this.#give(taken));
    const waiting = new AbortController();
    const timeout = this.#ports.clock
      .sleep(this.#limits.publishTimeoutMs, waiting.signal)
      .then((): PublishOutcome => "unknown");
    const outcome = await Promise.race([sending, timeout]).finally(() => waiting.abort());
    return outcome;
  }

  /** A failure that may pass leaves open which events are there; any other is a bug, and thrown. */
  async #send(events: readonly AuctionEvent[]): Promise<PublishOutcome> {
    const { publisher, clock, log, metrics } = this.#ports;
    const startMs = clock.nowMs();
    try {
      await publisher.publish(events);
      metrics.observe("publish_ms", clock.nowMs() - startMs);
      return "published";
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
      log.warn("publish failed", { reason: error.message, events: events.length });
      return "unknown";
    }
  }

  #give(taken: readonly [Region, number][]): void {
    for (const [region, count] of taken) this.#inFlight[region].give(count);
  }
}

function readNotice(
  { type, query }: Extract<Route, { readonly kind: "notice" }>,
  body: Uint8Array,
  options: NoticeOptions,
): AuctionEvent | Refusal {
  if (body.length === 0) return readNoticeQuery(type, query, options);
  return readNoticeJson(type, Buffer.from(body).toString("utf8"), options);
}
