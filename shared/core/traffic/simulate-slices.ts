/**
 * Slice statistics of simulated segments. Nothing here knows how the detector models traffic:
 * rates drift and burst, counts are over-dispersed, campaigns with one price come and go, users
 * come in sessions from a pool, and bots are mixed in at the level of bids, users and intervals.
 */
import type { SliceStatistics } from "../detector/slice-statistics.ts";
import { DAY_MS } from "../time.ts";
import { type BotBids, type Botnet, botBidsAt, drawBotnet } from "./attack-bids.ts";
import { type BenignEffect, benignEffectAt } from "./benign-events.ts";
import { Random } from "./random.ts";
import type { Attack, BenignEvent, Scenario } from "./scenario.ts";
import { type Campaign, drawSegmentProfile, type SegmentProfile } from "./segment-profile.ts";

type SimulatedSegment = {
  readonly profile: SegmentProfile;
  readonly random: Random;
  readonly benign: readonly BenignEvent[];
  readonly botnets: readonly Botnet[];
  burstSlicesLeft: number;
  burstRate: number;
};

/** The segment's own bids in one slice, before any bots. */
type OwnBids = {
  readonly count: number;
  readonly meanPrice: number;
  readonly topPriceShare: number;
  readonly winRatio: number;
  readonly crowdShare: number;
};

/** All slices that hold a bid, in time order; a slice that is left out is empty. */
export function* simulateSlices(scenario: Scenario): Generator<SliceStatistics> {
  const random = new Random(scenario.seed + 1_000_003);
  const segments = Array.from({ length: scenario.segmentCount }, (_, index) =>
    createSegment(scenario, index, random.fork()),
  );
  for (let timeMs = scenario.startMs; timeMs < scenario.endMs; timeMs += scenario.sliceMs) {
    for (const segment of segments) {
      const slice = nextSlice(segment, timeMs);
      if (slice.bidCount > 0) yield slice;
    }
  }
}

function createSegment(scenario: Scenario, index: number, random: Random): SimulatedSegment {
  return {
    profile: drawSegmentProfile(index, random),
    random,
    benign: scenario.benign.filter((event) => concerns(event, index)),
    botnets: scenario.attacks
      .filter((attack) => attack.segment === index)
      .map((attack: Attack) => drawBotnet(attack, random.fork())),
    burstSlicesLeft: 0,
    burstRate: 1,
  };
}

function concerns(event: BenignEvent, segment: number): boolean {
  if (event.kind === "outage") return segment % 3 === event.scope;
  return event.scope === -1 || event.scope === segment;
}

function nextSlice(segment: SimulatedSegment, timeMs: number): SliceStatistics {
  const { profile, random } = segment;
  const effect = benignEffectAt(segment.benign, timeMs);
  const organicMean = organicRate(segment, timeMs) * effect.rate;
  const own = drawOwnBids(segment, timeMs, organicMean, effect);
  const botnet = segment.botnets.find(
    ({ attack }) => attack.startMs <= timeMs && timeMs < attack.endMs,
  );
  const normalBids = organicMean * (1 + runningWeight(profile.campaigns));
  const bots = botnet && botBidsAt(botnet, timeMs, normalBids, random);
  return describe(profile, timeMs, own, { bots, random });
}

/** Expected organic bids: day and week, drift at two speeds, and short bursts of keen users. */
function organicRate(segment: SimulatedSegment, timeMs: number): number {
  const { profile, random } = segment;
  const day = timeMs / DAY_MS + profile.dayPhase;
  const weekend = (Math.floor(day) + 4) % 7 >= 5 ? profile.weekendChange : 0;
  const season =
    profile.dayAmplitude * Math.sin(2 * Math.PI * day) +
    profile.halfDayAmplitude * Math.sin(4 * Math.PI * day + 1);
  if (segment.burstSlicesLeft > 0) segment.burstSlicesLeft -= 1;
  else if (random.uniform() < 1 / 900) {
    segment.burstSlicesLeft = random.integer(2, 6);
    segment.burstRate = 1 + random.exponential(0.25);
  }
  const burst = segment.burstSlicesLeft > 0 ? segment.burstRate : 1;
  const drift = profile.slowNoise.next() + profile.fastNoise.next();
  return profile.bidsPerSlice * Math.exp(season + weekend + drift) * burst;
}

function drawOwnBids(
  { profile, random }: SimulatedSegment,
  timeMs: number,
  organicMean: number,
  effect: BenignEffect,
): OwnBids {
  const scatter = random.gammaOfMeanOne(1 / profile.overdispersion);
  const organic = random.poisson(organicMean * scatter);
  const dayPrice = profile.priceDayAmplitude * Math.sin((2 * Math.PI * timeMs) / DAY_MS);
  const level = Math.exp(dayPrice + profile.priceNoise.next()) * (1 + 0.1 * effect.crowdShare);
  const organicPrice = profile.price * level * sampledMean(organic, profile.priceSpread, random);
  let count = organic;
  let priceSum = organic * organicPrice;
  let wins = organic * profile.winRatio;
  let commonest = random.binomial(organic, profile.tickShare);
  for (const campaign of [...profile.campaigns, profile.switchedCampaign]) {
    toggle(campaign, random);
    const weight = campaign === profile.switchedCampaign ? effect.switchedWeight : campaign.weight;
    if (weight === 0 || !(campaign.running || campaign === profile.switchedCampaign)) continue;
    const bids = random.poisson(organicMean * weight * scatter);
    const varied = 1 - campaign.constantShare;
    count += bids;
    priceSum += bids * campaign.price * (1 + varied * (sampledMean(bids, 0.4, random) - 1));
    wins += bids * campaign.winRatio;
    commonest = Math.max(commonest, random.binomial(bids, campaign.constantShare));
  }
  return {
    count,
    meanPrice: count === 0 ? 0 : priceSum / count,
    topPriceShare: count === 0 ? 0 : Math.max(commonest, 1) / count,
    winRatio: count === 0 ? 0 : (wins / count) * Math.exp(profile.winNoise.next()),
    crowdShare: effect.crowdShare,
  };
}

function runningWeight(campaigns: readonly Campaign[]): number {
  return campaigns.reduce((sum, campaign) => sum + (campaign.running ? campaign.weight : 0), 0);
}

function toggle(campaign: Campaign, random: Random): void {
  const mean = campaign.running ? campaign.meanOnSlices : campaign.meanOffSlices;
  if (random.uniform() < 1 / mean) campaign.running = !campaign.running;
}

/** Mean of `count` lognormal prices of mean 1. */
function sampledMean(count: number, spread: number, random: Random): number {
  if (count === 0) return 1;
  const variance = (Math.exp(spread * spread) - 1) / count;
  return random.gammaOfMeanOne(Math.max(1, 1 / variance));
}

function describe(
  profile: SegmentProfile,
  timeMs: number,
  own: OwnBids,
  { bots, random }: { bots: BotBids | undefined; random: Random },
): SliceStatistics {
  const added = bots?.count ?? 0;
  const hijacked = bots ? random.binomial(own.count, bots.hijackedShare) : 0;
  const botCount = added + hijacked;
  const humanCount = own.count - hijacked;
  const count = humanCount + botCount;
  const botShare = count === 0 ? 0 : botCount / count;
  const humans = drawUsers(profile, humanCount, own.crowdShare, random);
  const botUsers = bots && botCount > 0 ? Math.max(1, Math.round(botCount / bots.bidsPerBot)) : 0;
  const users = Math.min(count, humans + botUsers);
  const botPrice = own.meanPrice * (bots?.priceMultiple ?? 1) * (1 + 0.05 * random.normal());
  const winRatio = Math.min(0.95, own.winRatio);
  const wins =
    random.binomial(humanCount, winRatio) + random.binomial(botCount, bots?.winRatio ?? 0);
  const freshRatio = profile.newUserShare * Math.exp(profile.newUserNoise.next());
  const fresh = Math.min(0.95, freshRatio + own.crowdShare * (0.8 - freshRatio));
  const freshUsers = random.binomial(humans, fresh) + Math.round(botUsers * 0.5);
  const ownSeats = profile.seats * (1 - Math.exp(-humanCount / (2 * profile.seats)));
  return {
    segment: profile.name,
    sliceStartMs: timeMs,
    bidCount: count,
    priceSum: Math.round(1e6 * (humanCount * own.meanPrice + botCount * botPrice)) / 1e6,
    topPriceShare: Math.max(
      own.topPriceShare * (1 - botShare),
      botShare * (bots?.constantShare ?? 0),
    ),
    userCount: users,
    newUserShare: users === 0 ? undefined : Math.min(1, freshUsers / users),
    intervalCv: drawIntervalCv(profile, count, botShare, { bots, random }),
    winCount: wins,
    clickCount: random.poisson(humanCount * profile.clickRatio),
    seatCount: Math.min(count, Math.max(1, random.poisson(ownSeats) + (bots?.seats ?? 0))),
  };
}

/** Distinct users of `bids` bids: sessions from a pool of active users; a crowd bids once each. */
function drawUsers(
  profile: SegmentProfile,
  bids: number,
  crowdShare: number,
  random: Random,
): number {
  if (bids === 0) return 0;
  const perUser = 1 + (profile.bidsPerUser - 1) * Math.exp(profile.userNoise.next());
  const settled = bids * (1 - crowdShare);
  const pool = profile.activeUsers * 4;
  const sessions = pool * (1 - Math.exp(-settled / (perUser * pool)));
  const mean = sessions + (bids * crowdShare) / (1 + 0.3 * (perUser - 1));
  const spread = Math.sqrt(((perUser - 0.8) * mean) / perUser);
  return Math.min(bids, Math.max(1, Math.round(mean + spread * random.normal())));
}

/**
 * Spread of the intervals, from the moments of the mixture: a clockwork share f takes f² of the
 * variance away; a burst of share f packs its bids into a few seconds of the slice.
 */
function drawIntervalCv(
  profile: SegmentProfile,
  count: number,
  botShare: number,
  { bots, random }: { bots: BotBids | undefined; random: Random },
): number | undefined {
  if (count < 3) return undefined;
  const own = profile.intervalCv * Math.exp(profile.intervalNoise.next());
  const sampled = Math.exp((1.1 / Math.sqrt(count)) * random.normal());
  const timing = bots?.timing ?? "scattered";
  if (timing === "clockwork") {
    return own * sampled * Math.sqrt(1 - 0.95 * botShare * botShare);
  }
  if (timing === "scattered" || botShare === 0) {
    return (own + (1 - own) * botShare) * sampled;
  }
  const packed = timing.burstSeconds / 60;
  const square = 2 * (1 / (1 - botShare) + (packed * packed) / botShare) - 1;
  return Math.sqrt(square) * own * sampled;
}
