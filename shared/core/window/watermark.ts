import { ORDERING_SHARDS } from "../auction/event.ts";
import type { WindowConfig } from "./window-shape.ts";

/**
 * How long a key may stay silent, while its subscription has no backlog, before it stops holding back
 * its region's watermark. Milliseconds of processing time.
 */
export const KEY_IDLE_MS = 60_000;

/** What is known of one ordering key. Times in milliseconds. */
export interface KeyProgress {
  /** Highest event time counted and committed on the key, less the allowed disorder. */
  readonly watermarkMs: number;
  /** When, in processing time, its newest event was committed. */
  readonly lastSeenMs: number;
}

/** A region's watermark and why it stands where it does. */
export interface RegionWatermark {
  readonly watermarkMs: number;
  /** The key that holds it back; "" where every key is idle. */
  readonly heldBy: string;
  readonly activeKeys: number;
}

/**
 * The watermark of every ordering key that this worker has counted events of. A key's watermark is the
 * newest committed event time less the allowed disorder, and never moves back.
 */
export class KeyWatermarks {
  readonly #disorderMs: number;
  readonly #keys = new Map<string, KeyMark>();
  /** Keys that the bundle under way has noted. */
  readonly #noted: KeyMark[] = [];
  /** The key asked for last: the events of a key come in a row. */
  #newest: KeyMark | undefined;
  readonly #unposted = new Set<string>();

  constructor(config: Pick<WindowConfig, "allowedDisorderMs">) {
    this.#disorderMs = config.allowedDisorderMs;
  }

  /** Notes an event of the bundle under way; it counts once {@link commit} says so. */
  note(key: string, eventTimeMs: number): void {
    const mark = this.#find(key);
    if (eventTimeMs <= mark.notedMs) return;
    if (mark.notedMs === Number.NEGATIVE_INFINITY) this.#noted.push(mark);
    mark.notedMs = eventTimeMs;
  }

  /** What was noted is committed: the keys' watermarks move on. */
  commit(): void {
    for (const mark of this.#noted) {
      mark.watermarkMs = Math.max(mark.watermarkMs, mark.notedMs - this.#disorderMs);
      this.#unposted.add(mark.key);
    }
    this.rollBack();
  }

  /** Forgets what was noted and not committed. */
  rollBack(): void {
    for (const mark of this.#noted) mark.notedMs = Number.NEGATIVE_INFINITY;
    this.#noted.length = 0;
  }

  /** The committed watermark of a key, -Infinity where nothing of it was counted. */
  of(key: string): number {
    return this.#find(key).watermarkMs;
  }

  /** The keys that moved since the last call, with their watermarks: what is to be posted. */
  takeUnposted(): [string, number][] {
    const moved = [...this.#unposted].map((key): [string, number] => [key, this.of(key)]);
    this.#unposted.clear();
    return moved;
  }

  /** Takes back keys whose post failed. */
  putBack(keys: readonly [string, number][]): void {
    for (const [key] of keys) this.#unposted.add(key);
  }

  #find(key: string): KeyMark {
    if (this.#newest?.key === key) return this.#newest;
    let mark = this.#keys.get(key);
    if (mark === undefined) {
      mark = { key, watermarkMs: Number.NEGATIVE_INFINITY, notedMs: Number.NEGATIVE_INFINITY };
      this.#keys.set(key, mark);
    }
    this.#newest = mark;
    return mark;
  }
}

/** When the newest event of any key was committed; -Infinity where there is no key. */
export function newestSeenMs(keys: ReadonlyMap<string, KeyProgress>): number {
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const { lastSeenMs } of keys.values()) newestMs = Math.max(newestMs, lastSeenMs);
  return newestMs;
}

interface KeyMark {
  readonly key: string;
  watermarkMs: number;
  /** The newest event that the bundle under way has noted. */
  notedMs: number;
}

/**
 * The region's watermark from all its keys' progress: the minimum over keys that are active. A key is
 * idle once it was silent for {@link KEY_IDLE_MS} and nothing waits in the subscription; with a backlog
 * every key counts, since any of them may hold old events back, and one that was not seen yet may hold
 * any: then there is no watermark to move to, -Infinity. What stores it never lets it move back.
 */
export function regionWatermarkOf(
  keys: ReadonlyMap<string, KeyProgress>,
  options: { readonly nowMs: number; readonly hasBacklog: boolean },
): RegionWatermark {
  if (options.hasBacklog && keys.size < ORDERING_SHARDS) {
    return { watermarkMs: Number.NEGATIVE_INFINITY, heldBy: "", activeKeys: keys.size };
  }
  let heldBy = "";
  let lowestMs = Number.POSITIVE_INFINITY;
  let highestMs = Number.NEGATIVE_INFINITY;
  let activeKeys = 0;
  for (const [key, { watermarkMs, lastSeenMs }] of keys) {
    highestMs = Math.max(highestMs, watermarkMs);
    if (!options.hasBacklog && options.nowMs - lastSeenMs >= KEY_IDLE_MS) continue;
    activeKeys++;
    if (watermarkMs < lowestMs) {
      lowestMs = watermarkMs;
      heldBy = key;
    }
  }
  return { watermarkMs: activeKeys > 0 ? lowestMs : highestMs, heldBy, activeKeys };
}
