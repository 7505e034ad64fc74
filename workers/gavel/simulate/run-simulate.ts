import { writeFile } from "node:fs/promises";
import type { AuctionEvent } from "../../../shared/core/auction/event.ts";
import { messageOf, UsageError } from "../../../shared/core/errors.ts";
import type { AttackLabel } from "../../../shared/core/traffic/bot-traffic.ts";
import { EventTraffic, TRAFFIC_SEGMENTS } from "../../../shared/core/traffic/event-traffic.ts";
import { planAttack } from "../../../shared/core/traffic/plan-attack.ts";
import { segmentName } from "../../../shared/core/traffic/segment-name.ts";
import { systemClock } from "../../../shared/io/clock.ts";
import { createPublisher } from "../../../shared/io/create-publisher.ts";
import { durationText, ProgressLine } from "../progress-line.ts";
import { reachSystem } from "../reach-system.ts";
import type { Streams } from "../streams.ts";
import { openOutboxes } from "./outboxes.ts";
import { type PaceProgress, paceTraffic, type TrafficSink } from "./pace-traffic.ts";
import { readSimulateOptions, type SimulateOptions } from "./simulate-options.ts";
import { runSimulateSlices } from "./simulate-slices.ts";
import { openTrafficFile } from "./traffic-file.ts";

/** `gavel simulate`: traffic to Pub/Sub or a file until its end or Ctrl-C: 0 if all that was sent is there. */
export async function runSimulate(args: readonly string[], streams: Streams): Promise<number> {
  if (args.includes("--slices")) return await runSimulateSlices(args, streams);
  const options = readSimulateOptions(args);
  const stopping = new AbortController();
  process.once("SIGINT", () => stopping.abort());
  process.once("SIGTERM", () => stopping.abort());
  const traffic = createTraffic(options);
  const sink =
    options.out === undefined
      ? await openTopic(stopping.signal, streams)
      : openTrafficFile(options.out);
  const { isAttackOnly } = options;
  const isSent = (event: AuctionEvent): boolean => !isAttackOnly || traffic.isOfAttack(event);
  const line = new ProgressLine(streams.stderr, systemClock.nowMs());
  const types = new Map<string, number>();
  const next = (): AuctionEvent => {
    const event = traffic.next();
    if (isSent(event)) types.set(event.type, (types.get(event.type) ?? 0) + 1);
    return event;
  };
  const sent = {
    ...sink,
    send: (events: readonly AuctionEvent[]) => sink.send(events.filter(isSent)),
  };
  try {
    const end = await paceTraffic(next, sent, {
      eventsPerSecond: options.isPaced ? options.eventsPerSecond : undefined,
      eventsMax: options.eventsMax,
      clock: systemClock,
      signal: stopping.signal,
      onProgress: (now) =>
        line.show(() => simulateText(now, options.eventsMax), systemClock.nowMs()),
    });
    line.end();
    const only = isAttackOnly ? "of them sent, the attack's only: " : "";
    const summary = `${simulateText(end, end.sent)}\n${only}${typesText(types)}\n`;
    (options.out === "-" ? streams.stderr : streams.stdout).write(summary);
    if (end.confirmed === end.sent) return 0;
    streams.stderr.write(
      `${end.sent - end.confirmed} events were not confirmed when it was stopped\n`,
    );
    return 1;
  } finally {
    line.end();
    await sink.close();
    if (options.labels !== undefined) await writeLabels(options.labels, traffic.labels);
  }
}

async function openTopic(signal: AbortSignal, { stderr }: Streams): Promise<TrafficSink> {
  const addresses = await reachSystem(["pubsub"]);
  return openOutboxes(createPublisher(addresses), {
    clock: systemClock,
    reach: () => reachSystem(["pubsub"], addresses),
    signal,
    onTurn: (sentence) => stderr.write(`${sentence}\n`),
  });
}

function createTraffic(options: SimulateOptions): EventTraffic {
  const { seed, regions, eventsPerSecond, eventsMax, attack, isAttackOnly } = options;
  const startMs = options.startMs ?? systemClock.nowMs();
  const lengthMs = (eventsMax * 1000) / eventsPerSecond;
  const run = { startMs, lengthMs, segments: TRAFFIC_SEGMENTS, isAttackOnly };
  const attacks = attack === undefined ? [] : planAttack(attack, run);
  return new EventTraffic({ seed, eventsPerSecond, startMs, regions, attacks });
}

/** `12000 events in 6 s, 2000/s, 9 s left`; what a paced run owes is said where it owes something. */
function simulateText({ confirmed, behind, seconds }: PaceProgress, eventsMax: number): string {
  const rate = confirmed / Math.max(0.001, seconds);
  const parts = [`${confirmed} events in ${durationText(seconds)}`, `${Math.round(rate)}/s`];
  if (behind > rate / 2) parts.push(`${Math.round(behind)} behind the pace`);
  if (Number.isFinite(eventsMax) && confirmed > 0 && confirmed < eventsMax) {
    parts.push(`${durationText((eventsMax - confirmed) / rate)} left`);
  }
  return parts.join(", ");
}

function typesText(types: ReadonlyMap<string, number>): string {
  return [...types].map(([type, count]) => `${type} ${count}`).join(", ");
}

/** One line an attacked segment: what a detector is measured against. */
async function writeLabels(path: string, labels: readonly AttackLabel[]): Promise<void> {
  const lines = labels.map(({ attack, botBids, bots }) =>
    JSON.stringify({
      incident: attack.incident,
      kind: attack.kind,
      strength: attack.strength,
      segment: segmentName(attack.segment),
      start: new Date(attack.startMs).toISOString(),
      end: new Date(attack.endMs).toISOString(),
      bot_bids: botBids,
      bots,
    }),
  );
  try {
    await writeFile(path, `${lines.join("\n")}\n`);
  } catch (cause) {
    throw new UsageError(`--labels ${path}: ${messageOf(cause)}`, { cause });
  }
}
