import type { ScoredRow } from "./detect-series.ts";

const WIDTH = 1200;
const HEIGHT = 520;
const LEFT = 70;
const RIGHT = 1180;
const VALUES = { top: 50, bottom: 370 } as const;
const SCORES = { top: 400, bottom: 480 } as const;
/** A picture has no room for more points: of each such span the least and the greatest are drawn. */
const POINTS_MAX = 2000;

/** An SVG of a scored series: the values in their expected band, flags, and the score below. */
export function seriesPlot(rows: readonly ScoredRow[], title: string): string {
  const known = rows.filter(({ number }) => !Number.isNaN(number));
  const first = known[0]?.timeMs ?? 0;
  const last = Math.max(first + 1, known.at(-1)?.timeMs ?? 0);
  const values = known.map(({ number }) => number);
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const margin = 0.08 * (high - low) || Math.abs(high) * 0.1 || 1;
  const scale = { low: low - margin, high: high + margin };
  const x = (timeMs: number): string =>
    (LEFT + ((RIGHT - LEFT) * (timeMs - first)) / (last - first)).toFixed(1);
  const y = (value: number): string => {
    const share = (value - scale.low) / (scale.high - scale.low);
    const inside = Math.min(1, Math.max(0, share));
    return (VALUES.bottom - (VALUES.bottom - VALUES.top) * inside).toFixed(1);
  };
  const scoreY = (score: number): string =>
    (SCORES.bottom - (SCORES.bottom - SCORES.top) * score).toFixed(1);
  const drawn = thinned(known);
  const line = (of: (row: ScoredRow) => string): string =>
    drawn.map((row) => `${x(row.timeMs)},${of(row)}`).join(" ");
  const flagged = known.filter(({ scored }) => scored?.isFlagged === true);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="24" font-size="14">${escaped(title)}</text>`,
    ...axis(scale, y),
    `<polygon points="${bandOf(drawn, x, y)}" fill="#dbe7f3"/>`,
    `<polyline points="${line((row) => y(row.number))}" fill="none" stroke="#1f5fa8" stroke-width="1"/>`,
    ...flagged.map((row) => flagMark(x(row.timeMs), y(row.number))),
    `<line x1="${LEFT}" y1="${scoreY(0.5)}" x2="${RIGHT}" y2="${scoreY(0.5)}" stroke="#c9c9c9" stroke-dasharray="4 4"/>`,
    `<polyline points="${line((row) => scoreY(row.scored?.score ?? 0))}" fill="none" stroke="#b4442f" stroke-width="1"/>`,
    `<text x="${LEFT - 8}" y="${SCORES.bottom}" text-anchor="end">0</text>`,
    `<text x="${LEFT - 8}" y="${SCORES.top + 8}" text-anchor="end">1</text>`,
    `<text x="${LEFT}" y="${HEIGHT - 16}">${timeText(first)}</text>`,
    `<text x="${RIGHT}" y="${HEIGHT - 16}" text-anchor="end">${timeText(last)}</text>`,
    `<text x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 16}" text-anchor="middle">values in their expected band; flags in red; below, the anomaly score</text>`,
    "</svg>",
  ].join("\n")}\n`;
}

/** Of each span of rows the least and the greatest value and every flag, in order. */
function thinned(rows: readonly ScoredRow[]): ScoredRow[] {
  const span = Math.ceil((2 * rows.length) / POINTS_MAX);
  if (span <= 2) return [...rows];
  const kept: ScoredRow[] = [];
  for (let start = 0; start < rows.length; start += span) {
    const part = rows.slice(start, start + span);
    const least = part.reduce((one, other) => (other.number < one.number ? other : one));
    const greatest = part.reduce((one, other) => (other.number > one.number ? other : one));
    kept.push(...part.filter((row) => row === least || row === greatest || row.scored?.isFlagged));
  }
  return kept;
}

function bandOf(
  rows: readonly ScoredRow[],
  x: (timeMs: number) => string,
  y: (value: number) => string,
): string {
  const upper = rows.flatMap(({ timeMs, scored }) =>
    scored?.high === undefined ? [] : [`${x(timeMs)},${y(scored.high)}`],
  );
  const lower = rows.flatMap(({ timeMs, scored }) =>
    scored?.low === undefined ? [] : [`${x(timeMs)},${y(scored.low)}`],
  );
  return [...upper, ...lower.reverse()].join(" ");
}

function flagMark(x: string, y: string): string {
  return `<circle cx="${x}" cy="${y}" r="3" fill="none" stroke="#d0021b" stroke-width="1.5"/>`;
}

function axis(scale: { low: number; high: number }, y: (value: number) => string): string[] {
  return [0.1, 0.5, 0.9].map((share) => {
    const value = scale.low + share * (scale.high - scale.low);
    return `<line x1="${LEFT}" y1="${y(value)}" x2="${RIGHT}" y2="${y(value)}" stroke="#eeeeee"/><text x="${LEFT - 8}" y="${y(value)}" text-anchor="end">${Number(value.toPrecision(3))}</text>`;
  });
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 16).replace("T", " ");
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
