const whole = new Intl.NumberFormat("en-US");
const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZone: "UTC",
});

/** 12,345 */
export function formatCount(value) {
  return whole.format(value);
}

/** 14:03:07, UTC. */
export function formatTime(ms) {
  return clock.format(ms);
}

/** 14:03, UTC. */
export function formatMinute(ms) {
  return clock.format(ms).slice(0, 5);
}

/** 2026-08-02 14:03:07, UTC. */
export function formatDateTime(ms) {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

/** 2026-08-02 14:03:07.123, UTC. */
export function formatInstant(ms) {
  return new Date(ms).toISOString().slice(0, 23).replace("T", " ");
}

/** 850 ms, 4.2 s, 38 s, 12 min, 3.5 h, 2 d: two figures that matter, one unit. */
export function formatSpan(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(1)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/**
 * Decimal texts of one column, all with as many decimals as the longest of them needs, at least two; so
 * that their points stand below each other.
 */
export function formatPrices(decimals) {
  const parts = decimals.map((decimal) => {
    const [whole, fraction = ""] = decimal.split(".");
    return [whole, fraction.replace(/0+$/, "")];
  });
  const places = Math.max(2, ...parts.map(([, fraction]) => fraction.length));
  return parts.map(([whole, fraction]) => `${whole}.${fraction.padEnd(places, "0")}`);
}
