import type { BidEvent } from "../../shared/core/auction/event.ts";
import { systemClock } from "../../shared/io/clock.ts";
import { createPublisher } from "../../shared/io/create-publisher.ts";
import type { LocalEmulators } from "./local-emulators.ts";

const RETRY_MS = 250;

/** Bids that an exchange holds until Pub/Sub has them, in order; sent again as often as it takes. */
export class Outbox {
  readonly #publisher: ReturnType<typeof createPublisher>;
  #sending: Promise<void> = Promise.resolve();

  constructor({ addresses }: LocalEmulators) {
    this.#publisher = createPublisher(addresses);
  }

  add(bids: readonly BidEvent[]): void {
    this.#sending = this.#sending.then(() => this.#send(bids));
  }

  async close(): Promise<void> {
    await this.#sending;
    await this.#publisher.close();
  }

  async #send(bids: readonly BidEvent[]): Promise<void> {
    for (;;) {
      try {
        await this.#publisher.publish(bids);
        return;
      } catch {
        await systemClock.sleep(RETRY_MS);
      }
    }
  }
}
