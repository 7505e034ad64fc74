import { REGIONS, type Region } from "../../../shared/core/auction/event.ts";
import { UsageError } from "../../../shared/core/errors.ts";
import { TRAFFIC_SEGMENTS } from "../../../shared/core/traffic/event-traffic.ts";
import { ATTACK_KINDS, type AttackKind } from "../../../shared/core/traffic/scenario.ts";
import { readCommandLine } from "../command-line.ts";

const USAGE =
  "simulate [--rate N] [--seconds S | --events N] [--seed N] [--regions us,eu,apac] [--start TIME] [--unpaced] [--out FILE] [--attack flood|ramp|price|clockwork|sniping|coordinated [--strength X] [--segment S] [--attack-only] [--labels FILE]]";
const ARGUMENTS = {
  options: {
    rate: { type: "string", default: "500" },
    seconds: { type: "string" },
    events: { type: "string" },
    seed: { type: "string", default: "1" },
    regions: { type: "string" },
    start: { type: "string" },
    unpaced: { type: "boolean", default: false },
    out: { type: "string" },
    attack: { type: "string" },
    strength: { type: "string", default: "3" },
    segment: { type: "string", default: "10" },
    "attack-only": { type: "boolean", default: false },
    labels: { type: "string" },
  },
} as const;

/** Event time of a file's first event: a seed gives the same file whenever it is asked for. */
const FILE_START_MS = Date.UTC(2026, 0, 1);

export interface SimulateOptions {
  readonly eventsPerSecond: number;
  /** Infinity goes on until it is stopped. */
  readonly eventsMax: number;
  readonly seed: number;
  readonly regions: readonly Region[];
  /** Undefined is the present. */
  readonly startMs: number | undefined;
  readonly isPaced: boolean;
  /** Undefined sends to Pub/Sub. */
  readonly out: string | undefined;
  readonly attack:
    | { readonly kind: AttackKind; readonly strength: number; readonly segment: number }
    | undefined;
  /** Sends what the attack adds and nothing else: beside live traffic of `eventsPerSecond`. */
  readonly isAttackOnly: boolean;
  readonly labels: string | undefined;
}

/** Reads the arguments of `gavel simulate`. Throws a UsageError that names the one at fault. */
export function readSimulateOptions(args: readonly string[]): SimulateOptions {
  const { values } = readCommandLine({ ...ARGUMENTS, args: [...args] }, `usage: gavel ${USAGE}`);
  const { out, labels, attack, start } = values;
  const eventsPerSecond = readNumber("rate", values.rate, 1, 100_000);
  const eventsMax = readLength(values, eventsPerSecond);
  const isPaced = !values.unpaced && out === undefined;
  if (!isPaced && !Number.isFinite(eventsMax)) {
    throw new UsageError("--unpaced and --out need an end: give --seconds or --events");
  }
  if (labels !== undefined && attack === undefined) {
    throw new UsageError("--labels needs --attack: there is nothing to label");
  }
  if (values["attack-only"] && attack === undefined) {
    throw new UsageError("--attack-only needs --attack: there is nothing else to send");
  }
  const fileStartMs = out === undefined ? undefined : FILE_START_MS;
  return {
    eventsPerSecond,
    eventsMax,
    seed: readNumber("seed", values.seed, 0, 2 ** 52),
    regions: readRegions(values.regions),
    startMs: start === undefined ? fileStartMs : readStart(start),
    isPaced,
    out,
    attack: attack === undefined ? undefined : readAttack(attack, values),
    isAttackOnly: values["attack-only"],
    labels,
  };
}

function readLength(
  values: { readonly seconds?: string; readonly events?: string },
  eventsPerSecond: number,
): number {
  if (values.seconds !== undefined && values.events !== undefined) {
    throw new UsageError("--seconds and --events: give one of them");
  }
  if (values.events !== undefined) return readNumber("events", values.events, 1, 1e12);
  if (values.seconds === undefined) return Number.POSITIVE_INFINITY;
  return Math.ceil(eventsPerSecond * readNumber("seconds", values.seconds, 1, 31_536_000));
}

function readRegions(text: string | undefined): readonly Region[] {
  if (text === undefined) return REGIONS;
  const names = text.split(",");
  const unknown = names.find((name) => !REGIONS.some((region) => region === name));
  if (unknown !== undefined) {
    throw new UsageError(`--regions "${unknown}": give ${REGIONS.join(", ")}, comma-separated`);
  }
  return REGIONS.filter((region) => names.includes(region));
}

function readStart(text: string): number {
  const startMs = Date.parse(text);
  if (Number.isNaN(startMs)) throw new UsageError(`--start "${text}": give a time in RFC 3339`);
  return startMs;
}

function readAttack(
  name: string,
  values: { readonly strength: string; readonly segment: string },
): NonNullable<SimulateOptions["attack"]> {
  const kind = ATTACK_KINDS.find((each) => each === name);
  if (kind === undefined) {
    throw new UsageError(`--attack "${name}": give one of ${ATTACK_KINDS.join(", ")}`);
  }
  const strength = Number(values.strength);
  if (!(strength > 0 && strength <= 100)) {
    throw new UsageError(`--strength "${values.strength}": give more than 0, up to 100`);
  }
  return {
    kind,
    strength,
    segment: readNumber("segment", values.segment, 0, TRAFFIC_SEGMENTS - 1),
  };
}

function readNumber(name: string, text: string, min: number, max: number): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(`--${name} "${text}": give a whole number, ${min} to ${max}`);
}
