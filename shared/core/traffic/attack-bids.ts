import type { Random } from "./random.ts";
import type { Attack } from "./scenario.ts";

/** What the bots of one attack do in one slice, beside or in place of the segment's own bids. */
export type BotBids = {
  readonly count: number;
  /** Share of the segment's own bids that the bots outbid rather than add to. */
  readonly hijackedShare: number;
  /** Price of a bot's bid as a multiple of the segment's mean. */
  readonly priceMultiple: number;
  readonly constantShare: number;
  readonly bidsPerBot: number;
  readonly winRatio: number;
  readonly seats: number;
  readonly timing: "scattered" | "clockwork" | { readonly burstSeconds: number };
};

/** Habits that one attack keeps from its first slice to its last. */
export type Botnet = {
  readonly attack: Attack;
  readonly bidsPerBot: number;
  readonly priceMultiple: number;
  readonly constantShare: number;
  readonly hijackedShare: number;
  readonly winRatio: number;
  readonly burstSeconds: number;
};

export function drawBotnet(attack: Attack, random: Random): Botnet {
  const perBot = { flood: 30, ramp: 8, price: 10, clockwork: 15, sniping: 60, coordinated: 5 };
  return {
    attack,
    bidsPerBot: perBot[attack.kind] * random.between(0.5, 2),
    priceMultiple: attack.kind === "price" ? 1 + attack.strength : random.between(0.8, 1.4),
    constantShare: random.uniform() < 0.6 ? random.between(0.6, 1) : 0,
    hijackedShare: attack.kind === "price" ? random.between(0.4, 0.8) : 0,
    winRatio: attack.kind === "price" ? random.between(0.4, 0.8) : random.between(0, 0.15),
    burstSeconds: random.between(3, 10),
  };
}

/** The bots' bids in the slice at `timeMs`; `normalBids` is what the segment expects there. */
export function botBidsAt(
  botnet: Botnet,
  timeMs: number,
  normalBids: number,
  random: Random,
): BotBids {
  const { attack } = botnet;
  const mean = normalBids * addedShare(attack, timeMs) * Math.exp(0.15 * random.normal());
  return {
    count: random.poisson(mean),
    hijackedShare: botnet.hijackedShare,
    priceMultiple: botnet.priceMultiple * priceClimb(attack, timeMs),
    constantShare: botnet.constantShare,
    bidsPerBot: botnet.bidsPerBot,
    winRatio: botnet.winRatio,
    seats: 2,
    timing: timingOf(botnet),
  };
}

/** Bots' bids over normal ones. A ramp climbs for three quarters of its length, then holds. */
function addedShare(attack: Attack, timeMs: number): number {
  const progress = (timeMs - attack.startMs) / (attack.endMs - attack.startMs);
  switch (attack.kind) {
    case "flood":
    case "clockwork":
    case "sniping":
      return attack.strength;
    case "ramp":
      return attack.strength * Math.min(1, progress / 0.75);
    case "price":
      return 0.05;
    case "coordinated":
      return attack.strength / 8;
  }
}

/** Who snipes one auction outbids himself. */
function priceClimb(attack: Attack, timeMs: number): number {
  if (attack.kind !== "sniping") return 1;
  return 1 + 0.5 * ((timeMs - attack.startMs) / (attack.endMs - attack.startMs));
}

function timingOf({ attack, burstSeconds }: Botnet): BotBids["timing"] {
  if (attack.kind === "clockwork") return "clockwork";
  return attack.kind === "sniping" ? { burstSeconds } : "scattered";
}
