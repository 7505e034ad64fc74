/**
 * Faults on purpose, the same way in all three emulators. A rule names a kind of fault (each service
 * lists its own), the resource it strikes, how often, and for how long. Whether it strikes is drawn
 * from the plan's own seeded generator, so the same seed and the same calls fail the same way.
 */
export interface FaultRule {
  /** What happens, e.g. `duplicate`, `lostAck`, `aborted`. The service's README lists them. */
  readonly kind: string;
  /** The resource's full name, or `*` for every one. */
  readonly target: string;
  /** Chance that one call or delivery is struck, 0 to 1. */
  readonly probability: number;
  /** How many times it strikes at most; undefined is without end. */
  readonly limit?: number;
  /** When the rule ends, in the emulator's clock; undefined is when it is removed. */
  readonly untilMs?: number;
  /** For faults that last (delays, expiries): how long, in milliseconds. */
  readonly delayMs?: number;
}

interface ActiveRule {
  readonly id: string;
  readonly rule: FaultRule;
  struck: number;
}

/** The rules in force and the count of what they did. Pure: time comes in, chance is seeded. */
export class FaultPlan {
  readonly #rules: ActiveRule[] = [];
  readonly #counts = new Map<string, number>();
  #random: () => number;
  #nextId = 1;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Starts the drawing anew from `seed`, as a seeded script does. */
  reseed(seed: number): void {
    this.#random = seededRandom(seed);
  }

  add(rule: FaultRule): string {
    const id = `fault-${this.#nextId++}`;
    this.#rules.push({ id, rule, struck: 0 });
    return id;
  }

  /** Ends a rule; false where there is none of that id. */
  remove(id: string): boolean {
    const index = this.#rules.findIndex((active) => active.id === id);
    if (index >= 0) this.#rules.splice(index, 1);
    return index >= 0;
  }

  clear(): void {
    this.#rules.length = 0;
  }

  /** The first rule that strikes this call, counted, or undefined. One draw for each rule that fits. */
  strike(kind: string, target: string, nowMs: number): FaultRule | undefined {
    if (this.#rules.length === 0) return undefined;
    for (const active of this.#rules) {
      if (active.rule.kind !== kind || !isInForce(active, target, nowMs)) continue;
      if (this.#random() >= active.rule.probability) continue;
      active.struck++;
      this.count(kind, target);
      return active.rule;
    }
    return undefined;
  }

  /** Counts a failure that no rule drew, such as a call that a cut-off region refused. */
  count(kind: string, target: string): void {
    const key = `${kind} ${target}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  list(): readonly { id: string; rule: FaultRule; struck: number }[] {
    return this.#rules.map((active) => ({ ...active }));
  }

  /** How often each kind struck each target, keyed `kind target`. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}

function isInForce({ rule, struck }: ActiveRule, target: string, nowMs: number): boolean {
  if (rule.target !== "*" && rule.target !== target) return false;
  if (rule.untilMs !== undefined && nowMs >= rule.untilMs) return false;
  return rule.limit === undefined || struck < rule.limit;
}

/** Mulberry32: a 32-bit generator, plenty for drawing faults; uniform in [0, 1). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
