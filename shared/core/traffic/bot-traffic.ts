import { alignDown, MINUTE_MS, SECOND_MS } from "../time.ts";
import { type Botnet, botBidsAt, drawBotnet } from "./attack-bids.ts";
import type { Random } from "./random.ts";
import type { Attack } from "./scenario.ts";

/** A bid that a bot makes, before it knows its auction. */
export interface BotBid {
  readonly dueMs: number;
  readonly segment: number;
  readonly user: number;
  readonly seat: number;
  /** Price as a multiple of an honest bid's; exact where the botnet bids one price. */
  readonly priceMultiple: number;
  readonly isExactPrice: boolean;
}

/** What an attack came to: the label that a detector is measured against. */
export interface AttackLabel {
  readonly attack: Attack;
  readonly botBids: number;
  readonly bots: number;
}

interface RunningAttack {
  readonly botnet: Botnet;
  readonly firstBot: number;
  bids: number;
  bots: number;
}

/** Where bots' numbers start: no honest user has one. */
const FIRST_BOT = 1_000_000_000;
const BOTS_PER_ATTACK = 1_000_000;

/** Scripted attacks, second by second: how many bids their bots make, by whom, and at what price. */
export class BotTraffic {
  readonly #random: Random;
  readonly #running: readonly RunningAttack[];
  /** Honest bids a second of a segment. */
  readonly #normalBids: (segment: number) => number;

  constructor(attacks: readonly Attack[], normalBids: (segment: number) => number, random: Random) {
    this.#random = random;
    this.#normalBids = normalBids;
    this.#running = attacks.map((attack, index) => ({
      botnet: drawBotnet(attack, random.fork()),
      firstBot: FIRST_BOT + index * BOTS_PER_ATTACK,
      bids: 0,
      bots: 0,
    }));
  }

  get labels(): readonly AttackLabel[] {
    return this.#running.map(({ botnet, bids, bots }) => ({
      attack: botnet.attack,
      botBids: bids,
      bots,
    }));
  }

  /** The bots' bids in the second that starts at `secondMs`. */
  bidsIn(secondMs: number): BotBid[] {
    return this.#running
      .filter(({ botnet }) => isUnderWay(botnet.attack, secondMs))
      .flatMap((running) => this.#bidsOf(running, secondMs));
  }

  /** A bot's bid in place of an honest one of the segment, where an attack takes over what is there. */
  hijack(segment: number, timeMs: number): BotBid | undefined {
    for (const running of this.#running) {
      const { botnet } = running;
      if (botnet.attack.segment !== segment || !isUnderWay(botnet.attack, timeMs)) continue;
      if (this.#random.uniform() < botnet.hijackedShare) return this.#bidOf(running, timeMs);
    }
    return undefined;
  }

  #bidsOf(running: RunningAttack, secondMs: number): BotBid[] {
    const { botnet } = running;
    const { timing, count } = botBidsAt(
      botnet,
      secondMs,
      this.#normalBids(botnet.attack.segment) * burstFactor(botnet, secondMs),
      this.#random,
    );
    const phase = timing === "clockwork" ? 0.5 : undefined;
    return Array.from({ length: count }, (_, index) => {
      const place = phase === undefined ? this.#random.uniform() : (index + phase) / count;
      return this.#bidOf(running, secondMs + place * SECOND_MS);
    });
  }

  /** Bots take turns, each for its share of a minute's bids. */
  #bidOf(running: RunningAttack, dueMs: number): BotBid {
    const { attack, bidsPerBot, constantShare, priceMultiple } = running.botnet;
    const bot = Math.floor(running.bids++ / bidsPerBot) % BOTS_PER_ATTACK;
    running.bots = Math.max(running.bots, bot + 1);
    return {
      dueMs,
      segment: attack.segment,
      user: running.firstBot + bot,
      seat: this.#random.integer(0, 1),
      priceMultiple,
      isExactPrice: this.#random.uniform() < constantShare,
    };
  }
}

function isUnderWay({ startMs, endMs }: Attack, timeMs: number): boolean {
  return timeMs >= startMs && timeMs < endMs;
}

/** Snipers bid a minute's bids within seconds, and are silent for the rest of it. */
function burstFactor({ attack, burstSeconds }: Botnet, secondMs: number): number {
  if (attack.kind !== "sniping") return 1;
  const intoMinuteS = (secondMs - alignDown(secondMs, MINUTE_MS)) / SECOND_MS;
  return intoMinuteS < burstSeconds ? 60 / Math.ceil(burstSeconds) : 0;
}
