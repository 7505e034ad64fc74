import { formatTime } from "../../format.js";

/** How far a flag's review is, in words; a claim past its time is none. */
export function reviewText(review, nowMs = Date.now()) {
  if (review.state === "claimed") {
    return review.untilMs <= nowMs
      ? "open"
      : `claimed by ${review.by} until ${formatTime(review.untilMs)}`;
  }
  return review.state === "open" ? "open" : `${review.state} by ${review.by}`;
}

/** 4.2×, 0.3×: bids of the span to bids expected. */
export function timesText({ bidCount, expectedBids }) {
  if (expectedBids <= 0) return "–";
  const times = bidCount / expectedBids;
  return `${times < 9.95 ? times.toFixed(1) : Math.round(times)}×`;
}
