import type { Streams } from "./streams.ts";

/** A terminal's line is rewritten so often; a pipe or a log gets a line of its own so often. */
const TERMINAL_EVERY_MS = 200;
const PIPE_EVERY_MS = 5000;
const REWRITE = "\r\u001b[K";

/** Shows how a long task stands: one rewritten line on a terminal, a line every few seconds elsewhere. */
export class ProgressLine {
  readonly #stream: Streams["stderr"];
  #shownAtMs: number;
  #isOpen = false;

  /** Shows nothing before a first interval has passed since `startMs`: what is done by then needs no line. */
  constructor(stream: Streams["stderr"], startMs: number) {
    this.#stream = stream;
    this.#shownAtMs = startMs;
  }

  /** Shows what `text` says, unless the last line is younger than the interval. */
  show(text: () => string, nowMs: number): void {
    const isTerminal = this.#stream.isTTY === true;
    if (nowMs - this.#shownAtMs < (isTerminal ? TERMINAL_EVERY_MS : PIPE_EVERY_MS)) return;
    this.#shownAtMs = nowMs;
    this.#isOpen = isTerminal;
    this.#stream.write(isTerminal ? `${REWRITE}${text()}` : `${text()}\n`);
  }

  /** Takes the rewritten line away, so that what follows starts on a clean one. */
  end(): void {
    if (this.#isOpen) this.#stream.write(REWRITE);
    this.#isOpen = false;
  }
}

/** Seconds as a person reads them: `9 s`, `3:05`, `2:03:05`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const two = (count: number): string => String(count).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours === 0
    ? `${minutes}:${two(whole % 60)}`
    : `${hours}:${two(minutes)}:${two(whole % 60)}`;
}
