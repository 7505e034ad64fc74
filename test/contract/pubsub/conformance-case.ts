import type { PubsubWorld } from "./pubsub-world.ts";

/** One promise of the real service, and how to see whether an emulator keeps it. */
export interface ConformanceCase {
  readonly name: string;
  /** What the real service does, by its documentation. */
  readonly promise: string;
  /** Where that is written: a page of cloud.google.com/pubsub/docs, or a comment in the proto. */
  readonly source: string;
  /** Throws where the promise is not kept. */
  readonly run: (world: PubsubWorld) => Promise<void>;
}
