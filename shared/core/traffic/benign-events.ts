import { HOUR_MS, MINUTE_MS } from "../time.ts";
import type { BenignEvent } from "./scenario.ts";

/** How the benign events of one moment bend a segment's traffic. */
export type BenignEffect = {
  /** Multiplies the organic rate. */
  readonly rate: number;
  /** Weight of the switched campaign, in multiples of the base rate. */
  readonly switchedWeight: number;
  /** Share of the organic bids that a flash crowd brought: new users, few bids each. */
  readonly crowdShare: number;
};

const UNDISTURBED: BenignEffect = { rate: 1, switchedWeight: 0, crowdShare: 0 };

export function benignEffectAt(events: readonly BenignEvent[], timeMs: number): BenignEffect {
  let effect = UNDISTURBED;
  for (const event of events) {
    if (timeMs >= event.startMs && timeMs < event.endMs) effect = add(effect, event, timeMs);
  }
  return effect;
}

function add(effect: BenignEffect, event: BenignEvent, timeMs: number): BenignEffect {
  const sinceStart = timeMs - event.startMs;
  const untilEnd = event.endMs - timeMs;
  switch (event.kind) {
    case "holiday": {
      const depth = Math.min(1, sinceStart / event.riseMs, untilEnd / event.riseMs);
      return { ...effect, rate: effect.rate * Math.exp(event.size * depth) };
    }
    case "outage": {
      const half = (event.endMs - event.startMs) / 2;
      const catchUp = 1 + (event.size - 1) * (untilEnd / half);
      return { ...effect, rate: effect.rate * (sinceStart < half ? 0.01 : catchUp) };
    }
    case "flashCrowd": {
      const rise = Math.min(1, sinceStart / event.riseMs);
      const fade = Math.exp(-Math.max(0, sinceStart - event.riseMs) / (0.7 * HOUR_MS));
      const ease = Math.min(1, untilEnd / (20 * MINUTE_MS));
      const rate = 1 + (event.size - 1) * rise * fade * ease;
      return { ...effect, rate: effect.rate * rate, crowdShare: 1 - 1 / rate };
    }
    case "campaignSwitch": {
      const depth = Math.min(1, sinceStart / event.riseMs, untilEnd / event.riseMs);
      return { ...effect, switchedWeight: event.size * depth };
    }
  }
}
