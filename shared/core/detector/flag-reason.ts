import { evidenceBySignal } from "./evidence.ts";
import type { SignalName } from "./signals.ts";
import type { SliceVerdict } from "./step-detector.ts";

/**
 * Why a slice was flagged, in the words of MRC's Invalid Traffic guidelines: GIVT is found by rules on
 * activity, SIVT takes corroboration and a look at behaviour. A silence is neither: it is told since
 * somebody must look, and counts nothing out.
 */
export type FlagReason = {
  readonly code: ReasonCode;
  readonly class: "GIVT" | "SIVT" | "silence";
  readonly says: string;
  /** How much the reason weighs by itself, in about nats. */
  readonly nats: number;
};

const REASONS = {
  volume: {
    class: "GIVT",
    code: "activity-volume",
    says: "more bids than the segment's own past expects",
  },
  users: { class: "GIVT", code: "activity-per-user", says: "few users place many bids" },
  intervals: {
    class: "SIVT",
    code: "automated-timing",
    says: "the time between bids is more regular, or more bunched, than people's",
  },
  topPrice: { class: "SIVT", code: "manipulated-price", says: "one price is repeated" },
  priceLevel: { class: "SIVT", code: "manipulated-price", says: "the price level has risen" },
  priceSpread: {
    class: "SIVT",
    code: "manipulated-price",
    says: "prices spread otherwise than before",
  },
  wins: {
    class: "SIVT",
    code: "manipulated-wins",
    says: "bids win more or less often than before",
  },
  newUsers: {
    class: "SIVT",
    code: "fresh-identities",
    says: "many users have not been seen before",
  },
  clicks: { class: "SIVT", code: "no-human-interaction", says: "clicks do not rise with bids" },
  seats: { class: "SIVT", code: "additional-seats", says: "more seats take part" },
  fleet: {
    class: "SIVT",
    code: "coordinated-activity",
    says: "many segments change the same way at once",
  },
  silence: {
    class: "silence",
    code: "segment-silent",
    says: "next to no bids, while other segments go on",
  },
} as const satisfies Readonly<
  Record<
    SignalName | "volume" | "fleet" | "silence",
    { readonly class: FlagReason["class"]; readonly code: string; readonly says: string }
  >
>;

export type ReasonCode = (typeof REASONS)[keyof typeof REASONS]["code"];

/** Evidence weaker than this is no reason. Nats: a standard score of 2.5. */
const REASON_MIN_NATS = 3;
/** Beyond it, more of the same says no more. */
const REASON_MAX_NATS = 50;

/** The reasons at the speed that judged a slice, strongest first; at least the strongest. */
export function reasonsOf(
  scores: Float64Array,
  { speed, silenceNats, fleetNats }: Pick<SliceVerdict, "speed" | "silenceNats" | "fleetNats">,
): FlagReason[] {
  const signals = Object.entries({
    ...evidenceBySignal(scores, speed),
    fleet: fleetNats,
    silence: silenceNats,
  });
  const ranked = signals.toSorted(([, one], [, other]) => other - one);
  const strong = ranked.filter(([, nats], index) => index === 0 || nats >= REASON_MIN_NATS);
  return strong.flatMap(([name, nats]) => {
    const reason = Object.entries(REASONS).find(([each]) => each === name)?.[1];
    return reason === undefined
      ? []
      : [{ ...reason, nats: Math.round(10 * Math.min(REASON_MAX_NATS, nats)) / 10 }];
  });
}

/** The stronger of each reason of two slices of one flag, strongest first. */
export function joinReasons(
  one: readonly FlagReason[],
  other: readonly FlagReason[],
): FlagReason[] {
  const strongest = new Map<string, FlagReason>();
  for (const reason of [...one, ...other]) {
    const known = strongest.get(reason.says);
    if (known === undefined || known.nats < reason.nats) strongest.set(reason.says, reason);
  }
  return [...strongest.values()].sort((left, right) => right.nats - left.nats);
}
