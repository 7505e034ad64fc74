import type { ServerResponse } from "node:http";

/** A browser that listens. `about` is what it asks for beyond what all are shown, e.g. an auction. */
interface Listener {
  readonly response: ServerResponse;
  readonly about: string;
}

const LISTENERS_MAX = 200;
/** A listener that takes less than is sent is let go at this much unsent; its browser comes again. */
const UNSENT_BYTES_MAX = 2_000_000;
/** How long the browser waits before it comes again, in milliseconds. */
const RETRY_MS = 1000;

/**
 * What a page shows, in named parts, kept up to date in every browser by server-sent events. A part is
 * sent when it changes; who comes later is sent all parts as they stand.
 */
export class Feed {
  readonly #listeners = new Set<Listener>();
  /** The event text of each part, by what it is about ("" for all) and its name. */
  readonly #parts = new Map<string, Map<string, string>>();
  readonly #greet: () => readonly (readonly [part: string, value: unknown])[];

  /** `greet` gives what only a browser that comes is sent, e.g. what was told before. */
  constructor(greet: () => readonly (readonly [part: string, value: unknown])[] = () => []) {
    this.#greet = greet;
  }

  /** Whether anybody listens: where nobody does, nothing need be asked. */
  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** What listeners ask about, each once. */
  abouts(): string[] {
    return [...new Set([...this.#listeners].map(({ about }) => about))].filter(Boolean);
  }

  /** Whether a part stands of what is asked about; it falls with the last who asks. */
  holds(part: string, about: string): boolean {
    return this.#parts.get(about)?.has(part) === true;
  }

  /** Sets a part for all, or for those who ask `about` something; of what nobody asks nothing is kept. */
  set(part: string, value: unknown, about = ""): void {
    if (about !== "" && !this.abouts().includes(about)) return;
    const text = eventText(part, value);
    const parts = this.#parts.get(about) ?? new Map<string, string>();
    this.#parts.set(about, parts);
    if (parts.get(part) === text) return;
    parts.set(part, text);
    this.#send(text, about);
  }

  /** Sends something that happened once; who comes later is not sent it. */
  tell(part: string, value: unknown): void {
    this.#send(eventText(part, value), "");
  }

  /** Serves one browser until it goes. False where there are too many. */
  listen(response: ServerResponse, about: string): boolean {
    if (this.#listeners.size >= LISTENERS_MAX) return false;
    const listener: Listener = { response, about };
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(`retry: ${RETRY_MS}\n\n`);
    for (const [part, value] of this.#greet()) response.write(eventText(part, value));
    for (const key of about === "" ? [""] : ["", about]) {
      for (const text of this.#parts.get(key)?.values() ?? []) response.write(text);
    }
    this.#listeners.add(listener);
    response.on("close", () => {
      this.#listeners.delete(listener);
      if (about !== "" && !this.abouts().includes(about)) this.#parts.delete(about);
    });
    return true;
  }

  /** Ends every listener's stream. */
  close(): void {
    for (const { response } of this.#listeners) response.end();
  }

  #send(text: string, about: string): void {
    for (const listener of this.#listeners) {
      if (about !== "" && listener.about !== about) continue;
      if (listener.response.writableLength > UNSENT_BYTES_MAX) listener.response.destroy();
      else listener.response.write(text);
    }
  }
}

/** JSON holds no line break, so that one `data` line is the whole value. */
function eventText(part: string, value: unknown): string {
  return `event: ${part}\ndata: ${JSON.stringify(value)}\n\n`;
}
