import { REVIEW_ACTIONS, type ReviewAction } from "../../../shared/core/review/decide-review.ts";
import type { FlagRecord } from "../../../shared/core/review/flag-record.ts";
import type { FlagBoard } from "../../../shared/io/flag-board.ts";
import type { Clock } from "../../../shared/io/ports.ts";
import type { ReviewResult, ReviewStore } from "../../../shared/io/review-store.ts";
import {
  type Action,
  type ActionAnswer,
  type ActionFields,
  answer,
  reasonIn,
  textIn,
  versionIn,
} from "../server/action.ts";

const FLAG_LENGTH_MAX = 256;

/**
 * What a reviewer does to a flag, an action each: `flagId`, the `version` seen, `reason` (a dismissal
 * needs one). What another person did meanwhile is answered with 409 and stands.
 */
export function createReviewActions(
  reviews: ReviewStore,
  board: FlagBoard,
  clock: Clock,
): Readonly<Record<ReviewAction, Action>> {
  const actionOf = (action: ReviewAction): Action => {
    return async (fields, who) => {
      const flagId = textIn(fields, "flagId", FLAG_LENGTH_MAX);
      const request = { action, who, reason: reasonFor(action, fields) };
      const seen = { nowMs: clock.nowMs(), seenVersion: versionIn(fields) };
      const result = await reviews.review(flagId, request, seen);
      if (result.kind !== "refused") return answerOf(flagId, result);
      const [record] = await board.find([flagId]);
      const says = result.why === "claimedByAnother" ? holderOf(record) : undefined;
      return answer(409, says ?? result.says, { why: result.why, record });
    };
  };
  const actions = REVIEW_ACTIONS.map((action) => [action, actionOf(action)] as const);
  // Every action of the list is a key.
  return Object.fromEntries(actions) as Record<ReviewAction, Action>;
}

function reasonFor(action: ReviewAction, fields: ActionFields): string {
  const isNeeded = action === "dismiss";
  return isNeeded || (fields["reason"] ?? "") !== "" ? reasonIn(fields) : "";
}

function answerOf(
  flagId: string,
  result: Exclude<ReviewResult, { kind: "refused" }>,
): ActionAnswer {
  if (result.kind === "unknownFlag") return answer(404, `There is no flag "${flagId}".`);
  const { record } = result;
  return answer(200, `${record.flag.segment} is ${record.review.state}.`, { record });
}

/** Who has the flag, and until when, as it stands after a refusal. */
function holderOf(record: FlagRecord | undefined): string | undefined {
  if (record?.review.state !== "claimed") return undefined;
  const until = new Date(record.review.untilMs).toISOString().slice(11, 19);
  return `Claimed by ${record.review.by} until ${until} UTC.`;
}
