import type { Env } from "./env.ts";

/** How a pull worker takes its messages, see `PullStreamOptions`; the defaults are the worker's own. */
export function readPullSettings(
  env: Env,
  defaults: {
    readonly maxOutstandingMessages: number;
    readonly bundleMessagesMax: number;
    readonly bundleLingerMs: number;
  },
) {
  return {
    /** Unacked messages held at once, the bound of memory and of what a crash redelivers. */
    maxOutstandingMessages: env.integer("GAVEL_MAX_OUTSTANDING_MESSAGES", {
      min: 100,
      max: 1_000_000,
      default: defaults.maxOutstandingMessages,
    }),
    maxOutstandingBytes: env.integer("GAVEL_MAX_OUTSTANDING_BYTES", {
      min: 1_000_000,
      max: 1_000_000_000,
      default: 32_000_000,
    }),
    bundleMessagesMax: env.integer("GAVEL_BUNDLE_MESSAGES_MAX", {
      min: 1,
      max: 100_000,
      default: defaults.bundleMessagesMax,
    }),
    /** How long a bundle waits to fill. Raising it means fewer, larger commits, later. */
    bundleLingerMs: env.integer("GAVEL_BUNDLE_LINGER_MS", {
      min: 0,
      max: 5000,
      default: defaults.bundleLingerMs,
    }),
  } as const;
}
