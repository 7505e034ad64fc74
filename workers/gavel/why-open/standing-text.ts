import type { WindowStanding } from "../../../shared/core/window/explain-window.ts";

/** Says in lines why a window stands as it does. */
export function standingText(
  window: { readonly region: string; readonly startMs: number; readonly windowS: number },
  standing: WindowStanding,
  nowMs: number,
): string {
  const { finalAtMs, watermarkMs, isOnTime } = standing;
  const end = timeOf(window.startMs + window.windowS * 1000);
  const name = `${window.region}, ${timeOf(window.startMs)} to ${end}`;
  const needs = `final once the region's watermark reaches ${timeOf(finalAtMs)} (its end and the allowed lateness)`;
  if (watermarkMs === undefined) {
    const why =
      standing.kind === "starting"
        ? "the region has no watermark yet: a backlog may hold ordering keys that were not seen"
        : `no event of region ${window.region} was ever counted`;
    return `${name}: open\n  ${needs}\n  ${why}\n`;
  }
  const stands = `the watermark is at ${timeOf(watermarkMs)}`;
  if (standing.kind === "final") return `${name}: final\n  ${needs}; ${stands}\n`;
  const phase = isOnTime ? "counted on time, still corrected by late events" : "still filling";
  return [
    `${name}: open, ${phase}`,
    `  ${needs}`,
    `  ${stands}, ${spanOf(finalAtMs - watermarkMs)} short, ${spanOf(nowMs - watermarkMs)} behind the clock`,
    `  ${reasonOf(standing, nowMs)}`,
    "",
  ].join("\n");
}

function reasonOf(standing: WindowStanding, nowMs: number): string {
  switch (standing.kind) {
    case "held": {
      const { key, keyWatermarkMs, sinceMs, keysBelow, keys } = standing;
      return `held by ordering key ${key}, at ${timeOf(keyWatermarkMs)} since ${agoOf(sinceMs, nowMs)}; ${keysBelow} of ${keys} keys stand below what it needs`;
    }
    case "dark":
      return `the region is dark: nothing was counted since ${agoOf(standing.sinceMs, nowMs)}; its windows stay open until it is heard again`;
    case "idle":
      return `every ordering key is idle: the newest event was counted ${agoOf(standing.sinceMs, nowMs)}; the next events move it on`;
    default:
      return "";
  }
}

function agoOf(ms: number, nowMs: number): string {
  return Number.isFinite(ms) ? `${timeOf(ms)} (${spanOf(nowMs - ms)} ago)` : "ever";
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

function spanOf(ms: number): string {
  const seconds = ms / 1000;
  if (Math.abs(seconds) < 120) return `${seconds.toFixed(Math.abs(seconds) < 10 ? 1 : 0)} s`;
  return Math.abs(seconds) < 7200
    ? `${Math.round(seconds / 60)} min`
    : `${(seconds / 3600).toFixed(1)} h`;
}
