import { DistinctSample } from "../segment/distinct-sample.ts";
import { HOUR_MS } from "../time.ts";

const USERS_MAX = 512;
/** With fewer users to judge by, the share of new ones says nothing. */
const USERS_MIN = 4;
const GENERATION_MS = HOUR_MS;
const HEADER_WORDS = 3;

/**
 * The users that a segment had lately, as a sample of bounded size: those of the running hour and of the
 * one before. Plain state: the same slices give the same shares on every machine.
 */
export class RecentUsers {
  #previous: DistinctSample<number> | undefined;
  #current: DistinctSample<number>;
  #hourStartMs: number;

  constructor(hourStartMs = 0) {
    this.#current = sampleAt(0);
    this.#hourStartMs = hourStartMs;
  }

  /**
   * Takes in a slice's users. Returns the share of them that was not seen since the hour before began;
   * undefined until a whole hour is known, and where too few users of the slice are in the sample.
   */
  note(sliceStartMs: number, users: DistinctSample<number>): number | undefined {
    const hourStartMs = sliceStartMs - (sliceStartMs % GENERATION_MS);
    if (hourStartMs > this.#hourStartMs) this.#turn(hourStartMs);
    const share = this.#previous === undefined ? undefined : this.#newShare(this.#previous, users);
    this.#current.merge(users);
    return share;
  }

  #turn(hourStartMs: number): void {
    const isNext = hourStartMs === this.#hourStartMs + GENERATION_MS;
    if (this.#previous !== undefined || this.#current.size > 0) {
      this.#previous = isNext ? this.#current : sampleAt(0);
    }
    this.#current = sampleAt(0);
    this.#hourStartMs = hourStartMs;
  }

  #newShare(previous: DistinctSample<number>, users: DistinctSample<number>): number | undefined {
    const level = Math.max(previous.level, this.#current.level, users.level);
    let known = 0;
    let seen = 0;
    for (const [hash] of users.entries()) {
      if (Math.clz32(hash) < level) continue;
      seen++;
      if (previous.has(hash) || this.#current.has(hash)) known++;
    }
    return seen < USERS_MIN ? undefined : 1 - known / seen;
  }

  /** The state as 32-bit words, little-endian. */
  encode(): Uint8Array {
    const parts = [this.#previous, this.#current].map((sample) => ({
      level: sample?.level ?? 0,
      hashes: sample === undefined ? [] : [...sample.entries()].map(([hash]) => hash).sort(byValue),
    }));
    const hours = Math.floor(this.#hourStartMs / GENERATION_MS);
    const words = [hours, this.#previous === undefined ? 0 : 1];
    for (const { level, hashes } of parts) words.push(level, hashes.length, ...hashes);
    const bytes = new Uint8Array(words.length * 4);
    const view = new DataView(bytes.buffer);
    for (const [index, word] of words.entries()) view.setUint32(index * 4, word, true);
    return bytes;
  }

  static decode(bytes: Uint8Array): RecentUsers {
    if (bytes.length < HEADER_WORDS * 4) return new RecentUsers();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    const next = (): number => {
      at += 4;
      return view.getUint32(at - 4, true);
    };
    const read = (): DistinctSample<number> => {
      const sample = sampleAt(next());
      for (let left = next(); left > 0; left--) sample.add(next(), 1);
      return sample;
    };
    const users = new RecentUsers(next() * GENERATION_MS);
    const hasPrevious = next() === 1;
    const previous = read();
    if (hasPrevious) users.#previous = previous;
    users.#current = read();
    return users;
  }
}

function byValue(one: number, other: number): number {
  return one - other;
}

function sampleAt(level: number): DistinctSample<number> {
  return DistinctSample.at<number>(level, USERS_MAX, () => 1);
}
