import { DAY_MS, HOUR_MS, MINUTE_MS } from "../time.ts";
import { Random } from "./random.ts";

export const ATTACK_KINDS = [
  "flood",
  "ramp",
  "price",
  "clockwork",
  "sniping",
  "coordinated",
] as const;
export type AttackKind = (typeof ATTACK_KINDS)[number];

/** Added bids as a multiple of the segment's normal ones; for `price`, the price's rise. */
export const ATTACK_STRENGTHS = [0.8, 1.5, 3, 8] as const;

/** One attack on one segment. Segments that are attacked together share the incident. */
export type Attack = {
  readonly incident: number;
  readonly kind: AttackKind;
  readonly strength: number;
  readonly segment: number;
  readonly startMs: number;
  readonly endMs: number;
};

/** Unusual and honest: what a detector must not raise an alarm for. */
export type BenignEvent = {
  readonly kind: "holiday" | "outage" | "flashCrowd" | "campaignSwitch";
  /** The segment, or for an outage the region (segment modulo 3); -1 is all. */
  readonly scope: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Holiday: log change of the rate. Flash crowd and switch: the multiple at the peak. */
  readonly size: number;
  /** How long the change takes to come, in milliseconds. */
  readonly riseMs: number;
};

export type Scenario = {
  readonly seed: number;
  readonly segmentCount: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly sliceMs: number;
  readonly benign: readonly BenignEvent[];
  readonly attacks: readonly Attack[];
};

export type ScenarioOptions = {
  readonly seed: number;
  readonly segmentCount: number;
  readonly days: number;
  /** Days at the start that hold no attack. */
  readonly learningDays: number;
  /** Incidents of each kind and strength; 0 gives traffic without attacks. */
  readonly attacksPerKindAndStrength: number;
  /** Default all. */
  readonly kinds?: readonly AttackKind[];
  /** Default {@link ATTACK_STRENGTHS}. */
  readonly strengths?: readonly number[];
  readonly startMs: number;
};

const ATTACK_GAP_MS = 4 * HOUR_MS;
const REGION_COUNT = 3;

/** Plants benign events over all days, and attacks after the learning days, by seed. */
export function drawScenario(options: ScenarioOptions): Scenario {
  const random = new Random(options.seed);
  const benign = [
    ...drawHolidays(options, random.fork()),
    ...drawOutages(options, random.fork()),
    ...drawFlashCrowds(options, random.fork()),
    ...drawCampaignSwitches(options, random.fork()),
  ];
  return {
    seed: options.seed,
    segmentCount: options.segmentCount,
    startMs: options.startMs,
    endMs: options.startMs + options.days * DAY_MS,
    sliceMs: MINUTE_MS,
    benign,
    attacks: drawAttacks(options, random.fork()),
  };
}

/** About one a week, a day long, everywhere at once. */
function drawHolidays(options: ScenarioOptions, random: Random): BenignEvent[] {
  const events: BenignEvent[] = [];
  for (let week = 0; week < options.days / 7; week += 1) {
    const day = week * 7 + random.integer(0, 6);
    const size = random.between(0.25, 0.7) * (random.uniform() < 0.6 ? -1 : 1);
    const startMs = options.startMs + day * DAY_MS;
    events.push({
      kind: "holiday",
      scope: -1,
      startMs,
      endMs: startMs + DAY_MS,
      size,
      riseMs: 4 * HOUR_MS,
    });
  }
  return events;
}

/** Two a region in three weeks: 10 to 60 minutes of silence, then as long again of catching up. */
function drawOutages(options: ScenarioOptions, random: Random): BenignEvent[] {
  const events: BenignEvent[] = [];
  for (let region = 0; region < REGION_COUNT; region += 1) {
    for (let index = 0; index < Math.round((options.days * 2) / 21); index += 1) {
      const startMs = options.startMs + random.between(0.5, options.days - 0.5) * DAY_MS;
      const lengthMs = random.between(10, 60) * MINUTE_MS;
      events.push({
        kind: "outage",
        scope: region,
        startMs,
        endMs: startMs + 2 * lengthMs,
        size: random.between(1.5, 3.5),
        riseMs: 0,
      });
    }
  }
  return events;
}

/** Every segment, every other week: three- to tenfold within minutes, gone in an hour or two. */
function drawFlashCrowds(options: ScenarioOptions, random: Random): BenignEvent[] {
  const events: BenignEvent[] = [];
  for (let segment = 0; segment < options.segmentCount; segment += 1) {
    let day = random.exponential(14);
    for (; day < options.days - 0.2; day += 0.2 + random.exponential(14)) {
      const startMs = options.startMs + day * DAY_MS;
      events.push({
        kind: "flashCrowd",
        scope: segment,
        startMs,
        endMs: startMs + random.between(60, 180) * MINUTE_MS,
        size: random.between(3, 10),
        riseMs: random.between(2, 12) * MINUTE_MS,
      });
    }
  }
  return events;
}

/** A quarter of the segments hold a campaign that comes and goes, up to 20-fold, within the hour. */
function drawCampaignSwitches(options: ScenarioOptions, random: Random): BenignEvent[] {
  const events: BenignEvent[] = [];
  for (let segment = 0; segment < options.segmentCount; segment += 1) {
    if (random.uniform() > 0.25) continue;
    const peak = random.between(4, 20);
    let day = random.exponential(2);
    for (; day < options.days - 1; day += 0.2 + random.exponential(2)) {
      const startMs = options.startMs + day * DAY_MS;
      const endMs = startMs + random.between(0.5, 9) * HOUR_MS;
      events.push({
        kind: "campaignSwitch",
        scope: segment,
        startMs,
        endMs,
        size: peak * random.between(0.6, 1),
        riseMs: random.between(1, 40) * MINUTE_MS,
      });
      day = (endMs - options.startMs) / DAY_MS;
    }
  }
  return events;
}

/** Places attacks so that a segment has some hours of peace between two of them. */
function drawAttacks(options: ScenarioOptions, random: Random): Attack[] {
  const attacks: Attack[] = [];
  const busy: Attack[][] = Array.from({ length: options.segmentCount }, () => []);
  let incident = 0;
  for (let round = 0; round < options.attacksPerKindAndStrength; round += 1) {
    for (const kind of options.kinds ?? ATTACK_KINDS) {
      for (const strength of options.strengths ?? ATTACK_STRENGTHS) {
        const target = { incident, kind, strength };
        for (const attack of placeIncident(target, busy, options, random)) {
          attacks.push(attack);
          busy[attack.segment]?.push(attack);
        }
        incident += 1;
      }
    }
  }
  return attacks.sort((left, right) => left.startMs - right.startMs);
}

function placeIncident(
  target: Pick<Attack, "incident" | "kind" | "strength">,
  busy: readonly (readonly Attack[])[],
  options: ScenarioOptions,
  random: Random,
): Attack[] {
  const lengthMs = attackSlices(target.kind, random) * MINUTE_MS;
  const together = target.kind === "coordinated" ? random.integer(10, 20) : 1;
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const day = random.between(options.learningDays, options.days - 0.4);
    const startMs = alignedStart(options.startMs + day * DAY_MS);
    const endMs = startMs + lengthMs;
    const free = shuffle(options.segmentCount, random).filter((segment) =>
      (busy[segment] ?? []).every(
        (other) => endMs + ATTACK_GAP_MS <= other.startMs || other.endMs + ATTACK_GAP_MS <= startMs,
      ),
    );
    if (free.length < Math.min(together, options.segmentCount)) continue;
    return free.slice(0, together).map((segment) => ({ ...target, segment, startMs, endMs }));
  }
  return [];
}

function alignedStart(timeMs: number): number {
  return Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
}

function shuffle(count: number, random: Random): number[] {
  return Array.from({ length: count }, (_, index) => ({ index, key: random.uniform() }))
    .sort((left, right) => left.key - right.key)
    .map(({ index }) => index);
}

function attackSlices(kind: AttackKind, random: Random): number {
  switch (kind) {
    case "flood":
    case "price":
    case "clockwork":
      return random.integer(10, 40);
    case "ramp":
      return random.integer(120, 240);
    case "sniping":
      return random.integer(2, 6);
    case "coordinated":
      return random.integer(60, 180);
  }
}
