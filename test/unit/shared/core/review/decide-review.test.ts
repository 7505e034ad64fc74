import {
  CLAIM_MS,
  decideReview,
  type Review,
  type ReviewAction,
} from "../../../../../shared/core/review/decide-review.ts";

const NOW_MS = 1_800_000_000_000;

/** Reviews as they stand when ann, who asks, acts. */
const reviews = {
  open: { state: "open" },
  claimedByAnn: { state: "claimed", by: "ann", untilMs: NOW_MS + 1 },
  claimedByBob: { state: "claimed", by: "bob", untilMs: NOW_MS + 1 },
  lapsedByBob: { state: "claimed", by: "bob", untilMs: NOW_MS },
  confirmedByBob: { state: "confirmed", by: "bob", reason: "" },
  dismissedByBob: { state: "dismissed", by: "bob", reason: "campaign" },
} as const satisfies Record<string, Review>;

/** The state after, with what the baseline has to learn, or why it is refused. */
const table: Record<keyof typeof reviews, Record<ReviewAction, string>> = {
  open: {
    claim: "claimed",
    release: "notClaimed",
    confirm: "confirmed, learn confirmed",
    dismiss: "dismissed, learn dismissed",
    reopen: "notDecided",
  },
  claimedByAnn: {
    claim: "claimed",
    release: "open",
    confirm: "confirmed, learn confirmed",
    dismiss: "dismissed, learn dismissed",
    reopen: "notDecided",
  },
  claimedByBob: {
    claim: "claimedByAnother",
    release: "claimedByAnother",
    confirm: "claimedByAnother",
    dismiss: "claimedByAnother",
    reopen: "claimedByAnother",
  },
  lapsedByBob: {
    claim: "claimed",
    release: "notClaimed",
    confirm: "confirmed, learn confirmed",
    dismiss: "dismissed, learn dismissed",
    reopen: "notDecided",
  },
  confirmedByBob: {
    claim: "alreadyDecided",
    release: "alreadyDecided",
    confirm: "alreadyDecided",
    dismiss: "alreadyDecided",
    reopen: "open, learn reopened",
  },
  dismissedByBob: {
    claim: "alreadyDecided",
    release: "alreadyDecided",
    confirm: "alreadyDecided",
    dismiss: "alreadyDecided",
    reopen: "open, learn reopened",
  },
};

test("R1: every action on every state of a review comes to what the table says", () => {
  const found = Object.fromEntries(
    Object.entries(reviews).map(([name, review]) => {
      const actions = ["claim", "release", "confirm", "dismiss", "reopen"] as const;
      const outcomes = actions.map((action) => [action, outcomeOf(review, action)]);
      return [name, Object.fromEntries(outcomes)];
    }),
  );
  expect(found).toEqual(table);
});

test("R2: a claim keeps others out for ten minutes, and its holder may claim again", () => {
  const claimed = decideReview({ state: "open" }, asked("claim"), NOW_MS);
  expect(claimed).toMatchObject({ review: { by: "ann", untilMs: NOW_MS + CLAIM_MS } });
});

test("R3: nobody dismisses a flag without saying why", () => {
  const request = { ...asked("dismiss"), reason: "  " };
  expect(decideReview({ state: "open" }, request, NOW_MS)).toMatchObject({ why: "reasonMissing" });
});

function outcomeOf(review: Review, action: ReviewAction): string {
  const decision = decideReview(review, asked(action), NOW_MS);
  if (decision.kind === "refused") return decision.why;
  const { review: after, task } = decision;
  return task === undefined ? after.state : `${after.state}, learn ${task}`;
}

function asked(action: ReviewAction) {
  return { action, who: "ann", reason: "known campaign" };
}
