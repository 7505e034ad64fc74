import { prices } from "./prices.ts";

/** A load and what carries it. */
export interface CostCase {
  readonly name: string;
  /** Events a second, over all regions, on average. */
  readonly eventsPerS: number;
  readonly regions: number;
  /** Processing units of one region's `counts`. */
  readonly countsUnits: number;
  readonly ledgerUnits: number;
  readonly isLedgerMultiRegion: boolean;
  readonly retentionDays: number;
  /** Instances over all regions, and their memory in GiB. Each is one core. */
  readonly instances: number;
  readonly gibPerInstance: number;
}

/** One line of a bill, with the sum that gives it in words. */
export interface CostLine {
  readonly item: string;
  readonly sum: string;
  readonly usdPerMonth: number;
}

/** What sums rest on besides prices. Measured ones name their command in README.md. */
export const assumptions = {
  /** An encoded event, its attributes, ids and timestamp. */
  bytesPerEvent: 250,
  /** Share of events that a settlement subscription gets besides: wins, losses, payments. */
  settlementShare: 0.05,
  /** A revision of the auction log, kept for 8 days. */
  bytesPerRevision: 600,
  logDays: 8,
  /** Events of one auction that a bundle commits together, so revisions are fewer than events. */
  eventsPerRevision: 20,
  /** A row of auction_counts and how often each auction's row is sent. */
  bytesPerUpsert: 200,
  upsertsPerRevision: 2,
  /** How long the archive is kept before somebody thins it out. */
  archiveDays: 30,
} as const;

const HOURS = 730;
const SECONDS = HOURS * 3600;
const GIB = 2 ** 30;
const TIB = 2 ** 40;

/** The monthly bill of a load. Pure arithmetic over the prices and assumptions. */
export function monthlyCost(load: CostCase): readonly CostLine[] {
  const { bytesPerEvent, settlementShare } = assumptions;
  const bytesPerMonth = load.eventsPerS * bytesPerEvent * SECONDS;
  const tib = bytesPerMonth / TIB;
  const revisionsPerS = load.eventsPerS / assumptions.eventsPerRevision;
  const deliveries = 2 + settlementShare;
  const retainedGib = (load.eventsPerS * bytesPerEvent * load.retentionDays * 86_400) / GIB;
  const logGib =
    (revisionsPerS * assumptions.bytesPerRevision * assumptions.logDays * 86_400) / GIB;
  const upsertGib =
    (revisionsPerS * assumptions.upsertsPerRevision * assumptions.bytesPerUpsert * SECONDS) / GIB;
  const archiveGib = (load.eventsPerS * bytesPerEvent * assumptions.archiveDays * 86_400) / GIB;
  const ledgerPrice = load.isLedgerMultiRegion
    ? prices.spannerMultiRegionPer100UnitHours
    : prices.spannerRegionalPer100UnitHours;
  return [
    line(
      "Pub/Sub, published and pulled",
      [tib, "TiB"],
      [deliveries, "×"],
      [prices.pubsubPerTib, "$"],
    ),
    line("Pub/Sub into BigQuery", [tib, "TiB"], [prices.pubsubToBigqueryPerTib, "$"]),
    line("Pub/Sub, retained", [retainedGib, "GiB"], [prices.pubsubStoragePerGibMonth, "$"]),
    line(
      "Spanner counts",
      [load.regions, "regions"],
      [load.countsUnits / 100, "hundred units"],
      [HOURS, "h"],
      [prices.spannerRegionalPer100UnitHours, "$"],
    ),
    line(
      "Spanner ledger",
      [load.ledgerUnits / 100, "hundred units"],
      [HOURS, "h"],
      [ledgerPrice, "$"],
    ),
    line("Spanner storage", [logGib, "GiB"], [prices.spannerStoragePerGibMonth, "$"]),
    line(
      "Cloud Run, cores",
      [load.instances, "instances"],
      [SECONDS, "s"],
      [prices.runPerCpuSecond, "$"],
    ),
    line(
      "Cloud Run, memory",
      [load.instances * load.gibPerInstance, "GiB"],
      [SECONDS, "s"],
      [prices.runPerGibSecond, "$"],
    ),
    line("BigQuery, upserts written", [upsertGib, "GiB"], [prices.bigqueryWritePerGib, "$"]),
    line("BigQuery, archive kept", [archiveGib, "GiB"], [prices.bigqueryStoragePerGibMonth, "$"]),
  ];
}

export function totalOf(lines: readonly CostLine[]): number {
  return lines.reduce((sum, { usdPerMonth }) => sum + usdPerMonth, 0);
}

/** A product, and the same in words. */
function line(item: string, ...factors: readonly (readonly [number, string])[]): CostLine {
  return {
    item,
    sum: factors
      .map(([value, unit]) => (unit === "$" ? `$${value}` : `${round(value)} ${unit}`))
      .join(" × ")
      .replaceAll("× ×", "×"),
    usdPerMonth: factors.reduce((product, [value]) => product * value, 1),
  };
}

function round(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 4 });
}
