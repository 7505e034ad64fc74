import { assumptions, type CostCase } from "./monthly-cost.ts";

/** What one core of a worker carries, events a second, with room for a region that fails over. */
const EVENTS_PER_CORE = 20_000;
/** What 1,000 processing units write. Source: Spanner's performance overview, regional, 1 KB rows. */
const WRITES_PER_NODE = 3500;
const REGIONS = 3;
/** Settlement, detector, ingest and console instances that run at any load. */
const OTHER_INSTANCES = 4 * REGIONS;

/** What the table in the README computes: a dev stack, and three loads in production. */
export const costCases: readonly CostCase[] = [
  {
    name: "dev",
    eventsPerS: 10,
    regions: 1,
    countsUnits: 100,
    ledgerUnits: 100,
    isLedgerMultiRegion: false,
    retentionDays: 1,
    instances: 3,
    gibPerInstance: 1.33,
  },
  production("10 k events/s", 10_000),
  production("100 k events/s", 100_000),
  production("1 M events/s", 1_000_000),
];

function production(name: string, eventsPerS: number): CostCase {
  const nodes = Math.max(
    1,
    Math.ceil(eventsPerS / assumptions.eventsPerRevision / REGIONS / WRITES_PER_NODE),
  );
  const windowInstances = REGIONS * Math.max(2, Math.ceil(eventsPerS / REGIONS / EVENTS_PER_CORE));
  return {
    name,
    eventsPerS,
    regions: REGIONS,
    countsUnits: nodes * 1000,
    ledgerUnits: 1000 * Math.max(1, Math.ceil(eventsPerS / 200_000)),
    isLedgerMultiRegion: true,
    retentionDays: 7,
    instances: windowInstances + OTHER_INSTANCES * Math.max(1, Math.ceil(eventsPerS / 250_000)),
    gibPerInstance: 1.5,
  };
}
