import { lengthened } from "../column.ts";

/**
 * The auctions a worker knows, by the 64-bit fingerprint of their id, and in the order they were used.
 * An auction has a number, below {@link capacity}, for as long as it is known; then the number is given
 * to another one. {@link serial} tells the two apart.
 */
export class AuctionIndex {
  readonly ids: string[] = [];
  /** Of each auction, how many were opened before it. */
  serial = new Float64Array(0);
  #high = new Uint32Array(0);
  #low = new Uint32Array(0);
  /** The chain from the auction that was unused longest to the one used last. */
  #older = new Uint32Array(0);
  #younger = new Uint32Array(0);
  #oldest = NONE;
  #youngest = NONE;
  /** Open addressing over auction number + 1, at most half full. */
  #slots = new Uint32Array(0);
  readonly #freed: number[] = [];
  #opened = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** How many auctions there is room for. */
  get capacity(): number {
    return this.serial.length;
  }

  /** The auction that was unused longest; undefined where none is known. */
  get oldest(): number | undefined {
    return this.#oldest === NONE ? undefined : this.#oldest - 1;
  }

  /** The auction, or -1 where it is not known here. */
  find(high: number, low: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    if (mask < 0) return -1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const auction = (slots[slot] as number) - 1;
      if (auction < 0 || (this.#low[auction] === low && this.#high[auction] === high))
        return auction;
    }
  }

  /** Takes in an auction that is not known here. */
  open(high: number, low: number, id: string): number {
    const auction = this.#freed.pop() ?? this.#count;
    if (auction === this.capacity) this.#lengthen();
    this.#high[auction] = high;
    this.#low[auction] = low;
    this.ids[auction] = id;
    this.serial[auction] = this.#opened++;
    this.#count++;
    this.#place(auction);
    this.#append(auction + 1);
    return auction;
  }

  /** Notes that the auction was used. */
  use(auction: number): void {
    const place = auction + 1;
    if (this.#youngest === place) return;
    this.#unlink(place);
    this.#append(place);
  }

  /** Forgets an auction: its number is free. */
  close(auction: number): void {
    this.#unlink(auction + 1);
    this.#displace(auction);
    this.ids[auction] = "";
    this.serial[auction] = -1;
    this.#freed.push(auction);
    this.#count--;
  }

  #lengthen(): void {
    const capacity = Math.max(CAPACITY_MIN, this.capacity * 2);
    this.serial = lengthened(this.serial, capacity);
    this.#high = lengthened(this.#high, capacity);
    this.#low = lengthened(this.#low, capacity);
    this.#older = lengthened(this.#older, capacity + 1);
    this.#younger = lengthened(this.#younger, capacity + 1);
    this.#slots = new Uint32Array(capacity * 2);
    // Every number is in use: that is why there is no room.
    for (let auction = 0; auction < this.#count; auction++) this.#place(auction);
  }

  #place(auction: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#low[auction] as number) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = auction + 1;
  }

  /** Frees the auction's slot, and moves up those behind it that are searched for from before it. */
  #displace(auction: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = (this.#low[auction] as number) & mask;
    while (slots[hole] !== auction + 1) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = (this.#low[(slots[slot] as number) - 1] as number) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots[hole] = slots[slot] as number;
      hole = slot;
    }
    slots[hole] = 0;
  }

  #append(place: number): void {
    this.#older[place] = this.#youngest;
    this.#younger[place] = NONE;
    if (this.#youngest === NONE) this.#oldest = place;
    else this.#younger[this.#youngest] = place;
    this.#youngest = place;
  }

  #unlink(place: number): void {
    const older = this.#older[place] as number;
    const younger = this.#younger[place] as number;
    if (older === NONE) this.#oldest = younger;
    else this.#younger[older] = younger;
    if (younger === NONE) this.#youngest = older;
    else this.#older[younger] = older;
  }
}

const CAPACITY_MIN = 1024;
/** In chains, which hold auction number + 1: no auction. */
const NONE = 0;
