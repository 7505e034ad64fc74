import { DriftingNoise, type Random } from "./random.ts";
import { segmentName } from "./segment-name.ts";

/** A campaign of a segment: it adds `weight` times the base rate while it runs. */
export type Campaign = {
  readonly weight: number;
  readonly price: number;
  /** Share of the campaign's bids that carry exactly `price`. */
  readonly constantShare: number;
  readonly winRatio: number;
  readonly meanOnSlices: number;
  readonly meanOffSlices: number;
  running: boolean;
};

/** What a segment's honest traffic is made of. Sizes span three decades. */
export type SegmentProfile = {
  readonly name: string;
  readonly bidsPerSlice: number;
  readonly dayPhase: number;
  readonly dayAmplitude: number;
  readonly halfDayAmplitude: number;
  readonly weekendChange: number;
  readonly overdispersion: number;
  readonly slowNoise: DriftingNoise;
  readonly fastNoise: DriftingNoise;
  readonly price: number;
  readonly priceSpread: number;
  readonly priceDayAmplitude: number;
  readonly priceNoise: DriftingNoise;
  readonly tickShare: number;
  readonly campaigns: readonly Campaign[];
  /** The campaign that `campaignSwitch` events turn on; its weight comes from the event. */
  readonly switchedCampaign: Campaign;
  readonly bidsPerUser: number;
  readonly activeUsers: number;
  readonly userNoise: DriftingNoise;
  readonly intervalCv: number;
  readonly intervalNoise: DriftingNoise;
  readonly winRatio: number;
  readonly winNoise: DriftingNoise;
  readonly newUserShare: number;
  readonly newUserNoise: DriftingNoise;
  readonly clickRatio: number;
  readonly seats: number;
};

/** Draws one segment. `index` names it and spreads the sizes. */
export function drawSegmentProfile(index: number, random: Random): SegmentProfile {
  const bidsPerSlice = 20 * 1000 ** random.uniform();
  const price = Math.exp(random.between(-1, 1.5));
  const noise = (low: number, high: number, memory: number) =>
    new DriftingNoise(random.fork(), random.between(low, high), memory);
  return {
    name: segmentName(index),
    bidsPerSlice,
    dayPhase: random.uniform(),
    dayAmplitude: random.between(0.2, 0.8),
    halfDayAmplitude: random.between(0, 0.25),
    weekendChange: random.between(-0.5, 0.3),
    overdispersion: random.between(0.001, 0.012),
    slowNoise: noise(0.03, 0.12, random.between(60, 300)),
    fastNoise: noise(0.02, 0.06, random.between(3, 10)),
    price,
    priceSpread: random.between(0.3, 0.8),
    priceDayAmplitude: random.between(0, 0.12),
    priceNoise: noise(0.02, 0.06, random.between(20, 120)),
    tickShare: random.between(0.02, 0.1),
    campaigns: Array.from({ length: random.integer(1, 4) }, () => drawCampaign(price, random)),
    switchedCampaign: { ...drawCampaign(price, random), weight: 0 },
    bidsPerUser: random.between(1.2, 6),
    activeUsers: bidsPerSlice * random.between(3, 20),
    userNoise: noise(0.02, 0.06, random.between(30, 120)),
    intervalCv: random.between(1, 1.4),
    intervalNoise: noise(0.02, 0.07, random.between(10, 120)),
    winRatio: random.between(0.1, 0.4),
    winNoise: noise(0.03, 0.1, random.between(30, 240)),
    newUserShare: random.between(0.1, 0.4),
    newUserNoise: noise(0.03, 0.1, random.between(60, 300)),
    clickRatio: random.between(0.001, 0.005),
    seats: random.integer(5, 60),
  };
}

/** Half of the campaigns bid one price in at least half of their rows, as real ones do. */
function drawCampaign(segmentPrice: number, random: Random): Campaign {
  return {
    weight: random.between(0.05, 0.4),
    price: segmentPrice * Math.exp(random.between(-0.5, 0.5)),
    constantShare: random.uniform() < 0.5 ? random.between(0.5, 1) : 0,
    winRatio: random.between(0.05, 0.5),
    meanOnSlices: random.between(180, 1200),
    meanOffSlices: random.between(180, 1200),
    running: random.uniform() < 0.5,
  };
}
