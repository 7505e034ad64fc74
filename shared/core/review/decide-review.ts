import { MINUTE_MS } from "../time.ts";

export const REVIEW_STATES = ["open", "claimed", "confirmed", "dismissed"] as const;
export type ReviewState = (typeof REVIEW_STATES)[number];
export const REVIEW_ACTIONS = ["claim", "release", "confirm", "dismiss", "reopen"] as const;
export type ReviewAction = (typeof REVIEW_ACTIONS)[number];

/** How far the review of a flag is. */
export type Review =
  | { readonly state: "open" }
  | { readonly state: "claimed"; readonly by: string; readonly untilMs: number }
  | {
      readonly state: "confirmed" | "dismissed";
      readonly by: string;
      readonly reason: string;
    };

/** What a person asks for. `reason` may be "" where none is needed. */
export type ReviewRequest = {
  readonly action: ReviewAction;
  readonly who: string;
  readonly reason: string;
};

export type ReviewRefusal =
  | "claimedByAnother"
  | "notClaimed"
  | "alreadyDecided"
  | "notDecided"
  | "reasonMissing";

export type ReviewDecision =
  | {
      readonly kind: "changed";
      readonly review: Review;
      /** What the baseline has to learn; undefined: nothing. */
      readonly task: "confirmed" | "dismissed" | "reopened" | undefined;
    }
  | { readonly kind: "refused"; readonly why: ReviewRefusal; readonly says: string };

/** How long a claim keeps others out; who looks longer claims again. */
export const CLAIM_MS = 10 * MINUTE_MS;

/** Decides what a request does to a flag's review at `nowMs`. Invariants R1 to R4 of shared/SPEC.md. */
export function decideReview(
  review: Review,
  request: ReviewRequest,
  nowMs: number,
): ReviewDecision {
  const current = lapsed(review, nowMs);
  if (current.state === "claimed" && current.by !== request.who) {
    return refused("claimedByAnother", `${current.by} holds the flag until the claim lapses`);
  }
  if (current.state === "confirmed" || current.state === "dismissed") {
    if (request.action !== "reopen") {
      return refused("alreadyDecided", `${current.by} has ${current.state} it: reopen it first`);
    }
    return { kind: "changed", review: { state: "open" }, task: "reopened" };
  }
  return decideUndecided(current, request, nowMs);
}

function decideUndecided(
  current: Review,
  { action, who, reason }: ReviewRequest,
  nowMs: number,
): ReviewDecision {
  switch (action) {
    case "claim":
      return changed({ state: "claimed", by: who, untilMs: nowMs + CLAIM_MS }, undefined);
    case "release":
      if (current.state === "open") return refused("notClaimed", "nobody holds the flag");
      return changed({ state: "open" }, undefined);
    case "confirm":
      return changed({ state: "confirmed", by: who, reason }, "confirmed");
    case "dismiss":
      if (reason.trim() === "") return refused("reasonMissing", "say why it is harmless");
      return changed({ state: "dismissed", by: who, reason }, "dismissed");
    case "reopen":
      return refused("notDecided", "nobody has decided on the flag");
  }
}

/** A claim past its time is none. */
function lapsed(review: Review, nowMs: number): Review {
  return review.state === "claimed" && review.untilMs <= nowMs ? { state: "open" } : review;
}

function changed(
  review: Review,
  task: "confirmed" | "dismissed" | "reopened" | undefined,
): ReviewDecision {
  return { kind: "changed", review, task };
}

function refused(why: ReviewRefusal, says: string): ReviewDecision {
  return { kind: "refused", why, says };
}
