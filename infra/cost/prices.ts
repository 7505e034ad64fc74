/**
 * List prices in US dollars, us-central1, without discounts or free tiers. They are of 2025, partly from
 * memory: put the contract's own here before a decision rests on the sums.
 */
export const prices = {
  /** Published and each time delivered. Source: cloud.google.com/pubsub/pricing. */
  pubsubPerTib: 40,
  /** What a BigQuery subscription delivers. */
  pubsubToBigqueryPerTib: 50,
  /** Messages that a topic retains. */
  pubsubStoragePerGibMonth: 0.27,
  /** 100 processing units of a regional instance, Standard edition. */
  spannerRegionalPer100UnitHours: 0.09,
  /** 100 processing units of nam-eur-asia1, Enterprise Plus. */
  spannerMultiRegionPer100UnitHours: 0.9,
  spannerStoragePerGibMonth: 0.3,
  /** Cloud Run with instances billed as long as they are there. */
  runPerCpuSecond: 0.000_018,
  runPerGibSecond: 0.000_002,
  /** Storage Write API. */
  bigqueryWritePerGib: 0.025,
  bigqueryStoragePerGibMonth: 0.02,
} as const;
