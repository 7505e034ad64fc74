/** `gavel simulate --slices`: slice statistics of simulated segments as NDJSON, and what was planted. */

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { SliceStatistics } from "../../../shared/core/detector/slice-statistics.ts";
import { UsageError } from "../../../shared/core/errors.ts";
import {
  ATTACK_KINDS,
  type AttackKind,
  drawScenario,
  type Scenario,
} from "../../../shared/core/traffic/scenario.ts";
import { segmentName } from "../../../shared/core/traffic/segment-name.ts";
import { simulateSlices } from "../../../shared/core/traffic/simulate-slices.ts";
import { readCommandLine } from "../command-line.ts";
import type { Streams } from "../streams.ts";

const USAGE =
  "usage: gavel simulate --slices [--seed N] [--segments 40] [--days 21] [--attack KIND] [--strength X] [--out FILE] [--labels FILE]";
const OPTIONS = {
  slices: { type: "boolean" },
  seed: { type: "string" },
  segments: { type: "string" },
  days: { type: "string" },
  attack: { type: "string" },
  strength: { type: "string" },
  out: { type: "string" },
  labels: { type: "string" },
} as const;
/** A Monday. */
const START_MS = 1_767_571_200_000;
const LEARNING_DAYS_MAX = 7;
const ATTACKS_OF_EACH = 2;
const ROWS_A_WRITE = 2000;

/** Writes the rows to `--out` or to standard output, the labels to `--labels`. */
export async function runSimulateSlices(
  args: readonly string[],
  { stdout, stderr }: Streams,
): Promise<number> {
  const { values } = readCommandLine({ args: [...args], options: OPTIONS }, USAGE);
  const days = readNumber("days", values.days ?? "21", { min: 1, max: 3650, isWhole: true });
  const scenario = drawScenario({
    seed: readNumber("seed", values.seed ?? "1", { min: 0, max: 2 ** 31, isWhole: true }),
    segmentCount: readNumber("segments", values.segments ?? "40", {
      min: 1,
      max: 10_000,
      isWhole: true,
    }),
    days,
    learningDays: Math.min(LEARNING_DAYS_MAX, days / 2),
    startMs: START_MS,
    attacksPerKindAndStrength: values.attack === "none" ? 0 : ATTACKS_OF_EACH,
    ...readAttack(values.attack, values.strength),
  });
  if (values.labels !== undefined) await writeFile(values.labels, labelsOf(scenario));
  const rows = sliceRows(scenario);
  if (values.out !== undefined) await writeFile(values.out, rows);
  else for (const text of rows) stdout.write(text);
  const { attacks, benign } = scenario;
  stderr.write(
    `seed ${scenario.seed}: ${scenario.segmentCount} segments, ${days} days, ${attacks.length} attacks on segments, ${benign.length} benign events\n`,
  );
  return 0;
}

function readAttack(
  attack: string | undefined,
  strength: string | undefined,
): { kinds?: readonly AttackKind[]; strengths?: readonly number[] } {
  const strengths =
    strength === undefined
      ? {}
      : { strengths: [readNumber("strength", strength, { min: 0.01, max: 1000, isWhole: false })] };
  if (attack === undefined || attack === "none") return strengths;
  const kind = ATTACK_KINDS.find((each) => each === attack);
  if (kind === undefined) {
    throw new UsageError(`--attack "${attack}": give ${ATTACK_KINDS.join(", ")} or none`);
  }
  return { kinds: [kind], ...strengths };
}

function readNumber(
  name: string,
  text: string,
  { min, max, isWhole }: { min: number; max: number; isWhole: boolean },
): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (!(number >= min && number <= max) || (isWhole && !Number.isInteger(number))) {
    throw new UsageError(
      `--${name} "${text}": give a ${isWhole ? "whole " : ""}number from ${min} to ${max}`,
    );
  }
  return number;
}

function* sliceRows(scenario: Scenario): Generator<string> {
  let text = "";
  let rows = 0;
  for (const slice of simulateSlices(scenario)) {
    text += `${JSON.stringify(sliceRow(slice))}\n`;
    rows += 1;
    if (rows % ROWS_A_WRITE !== 0) continue;
    yield text;
    text = "";
  }
  yield text;
}

function sliceRow(slice: SliceStatistics): object {
  return {
    segment: slice.segment,
    slice_start: new Date(slice.sliceStartMs).toISOString(),
    bid_count: slice.bidCount,
    price_sum: slice.priceSum,
    user_count: slice.userCount,
    interval_cv: rounded(slice.intervalCv),
    top_price_share: rounded(slice.topPriceShare),
    win_count: slice.winCount,
    new_user_share: rounded(slice.newUserShare),
    click_count: slice.clickCount,
    seat_count: slice.seatCount,
  };
}

function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 1e6) / 1e6;
}

/** One row an attacked segment, and one a benign event. */
function* labelsOf({ attacks, benign }: Scenario): Generator<string> {
  const span = ({ startMs, endMs }: { startMs: number; endMs: number }) => ({
    start: new Date(startMs).toISOString(),
    end: new Date(endMs).toISOString(),
  });
  for (const attack of attacks) {
    const { incident, kind, strength } = attack;
    const segment = segmentName(attack.segment);
    yield `${JSON.stringify({ label: "attack", incident, kind, strength, segment, ...span(attack) })}\n`;
  }
  for (const event of benign) {
    const where = whereOf(event.kind, event.scope);
    yield `${JSON.stringify({ label: "benign", kind: event.kind, ...where, ...span(event) })}\n`;
  }
}

function whereOf(kind: string, scope: number): object {
  if (scope < 0) return {};
  return kind === "outage" ? { segments_modulo_3: scope } : { segment: segmentName(scope) };
}

async function writeFile(path: string, texts: Iterable<string>): Promise<void> {
  const file = createWriteStream(path);
  const failed = once(file, "error").then(([error]) => {
    throw new UsageError(`${path} cannot be written: ${error.message}`, { cause: error });
  });
  const written = (async () => {
    for (const text of texts) if (!file.write(text)) await once(file, "drain");
    file.end();
    await once(file, "close");
  })();
  await Promise.race([written, failed]);
}
