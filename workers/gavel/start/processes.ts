import { Child, type ChildSpec } from "./children.ts";

export type Start = (spec: ChildSpec, onMessage?: (message: unknown) => void) => Child;

/** The processes of one local system: those that last as long as it does, and those that end before. */
export class Processes {
  readonly #started: Child[] = [];
  #isStopping = false;
  readonly #broken = Promise.withResolvers<never>();

  constructor() {
    // Who waits for it may come to it only later.
    this.broken.catch(() => undefined);
  }

  /** Rejects when one ends by itself that should not. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  /** Nothing more is to be started. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Starts one that ends by itself. */
  readonly start: Start = (spec, onMessage) => {
    const child = new Child(spec, onMessage);
    this.#started.push(child);
    return child;
  };

  /** Starts one that should not. */
  readonly startLasting: Start = (spec, onMessage) => {
    const child = this.start(spec, onMessage);
    void child.ended.then((code) => this.fail(endOf(child, code)));
    return child;
  };

  readonly fail = (error: unknown): void => this.#broken.reject(error);

  /** Drains and ends all, the first that was started last: the others need it for that. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const [first, ...others] = this.#started;
    await Promise.all(others.map((child) => child.stop()));
    await first?.stop();
  }
}

export function endOf(child: Child, code: number): Error {
  return new Error(`${child.name} ended with ${code}: ${child.logFile} says why`);
}
