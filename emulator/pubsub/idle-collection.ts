import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Quiet for so long is idle. */
const IDLE_MS = 2000;
/** Less than this since the last collection is not worth its pause. */
const GROWTH_BYTES_MIN = 100_000_000;

setFlagsFromString("--expose-gc");
/** V8 collects as it allocates, so a process that has nothing to do would keep a drained backlog for ever. */
const collect: (options: { type: "major"; execution: "async" }) => Promise<void> =
  runInNewContext("gc");

/** Gives memory back after a load: once, when it has been quiet for a while. */
export class IdleCollection {
  #timer: NodeJS.Timeout | undefined;
  #usedBytesAfter = 0;

  /** Says that there was work. */
  postpone(): void {
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#collect(), IDLE_MS).unref();
    else this.#timer.refresh();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #collect(): void {
    this.#timer = undefined;
    if (usedBytes() < this.#usedBytesAfter + GROWTH_BYTES_MIN) return;
    collect({ type: "major", execution: "async" }).then(
      () => {
        this.#usedBytesAfter = usedBytes();
      },
      () => undefined,
    );
  }
}

/** Of the heap and of buffers, garbage too. */
function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
