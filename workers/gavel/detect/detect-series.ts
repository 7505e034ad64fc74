import {
  SeriesDetector,
  type SeriesScale,
  type SeriesScore,
} from "../../../shared/core/detector/series-detector.ts";
import { DAY_MS } from "../../../shared/core/time.ts";
import type { SeriesRow } from "./read-series.ts";

export type SeriesKind = SeriesScale["kind"];

/** A row of the series with what the detector said; a row without a number was not scored. */
export type ScoredRow = SeriesRow & { readonly scored: SeriesScore | undefined };

/** Silent at the start: a day of rows, within bounds. What comes later moves nothing. */
const SILENT_ROWS_MIN = 10;
const SILENT_ROWS_MAX = 150;

/** Rows at the start of a series that are learned in silence. */
function silentRowsOf(rows: readonly SeriesRow[]): number {
  const first = rows[0]?.timeMs ?? 0;
  const day = rows.findIndex(({ timeMs }) => timeMs - first >= DAY_MS);
  return Math.max(SILENT_ROWS_MIN, Math.min(SILENT_ROWS_MAX, day === -1 ? rows.length : day));
}

/** Scores every row in order; a score uses its row and those before it. */
export function detectSeries(
  rows: readonly SeriesRow[],
  options: { readonly kind: SeriesKind | "auto"; readonly falseAlarmsPerSegmentWeek: number },
): { readonly rows: ScoredRow[]; readonly kind: SeriesKind; readonly silentRows: number } {
  const silentRows = silentRowsOf(rows);
  const scale = scaleOf(rows.slice(0, silentRows), options.kind);
  const { falseAlarmsPerSegmentWeek } = options;
  const detector = new SeriesDetector({ scale, silentRows, falseAlarmsPerSegmentWeek });
  const scored = rows.map((row, index) => {
    if (Number.isNaN(row.number)) return { ...row, scored: undefined };
    const told = detector.step(row.timeMs, row.number);
    // The scale is that of all silent rows: a band before their end would tell of later ones.
    if (index < silentRows) return { ...row, scored: { ...told, low: undefined, high: undefined } };
    return { ...row, scored: told };
  });
  return { rows: scored, kind: scale.kind, silentRows };
}

/** Told by the silent rows alone. Counts are whole and not negative. */
function scaleOf(rows: readonly SeriesRow[], kind: SeriesKind | "auto"): SeriesScale {
  const known = rows.map(({ number }) => number).filter((number) => !Number.isNaN(number));
  const isCounts = known.every((number) => Number.isInteger(number) && number >= 0);
  if (kind === "count" || (kind === "auto" && isCounts)) return { kind: "count" };
  const sizes = known.map(Math.abs).sort((left, right) => left - right);
  return { kind: "value", unit: sizes[sizes.length >> 1] || sizes.at(-1) || 1 };
}

/** The rows as CSV with a header: timestamp and value as they came. */
export function seriesCsv(rows: readonly ScoredRow[]): string {
  const lines = rows.map(({ timestamp, value, scored }) => {
    const cells = [
      timestamp,
      value,
      scored === undefined ? "0" : rounded(scored.score),
      rounded(scored?.low),
      rounded(scored?.high),
      scored?.isFlagged === true ? "1" : "0",
    ];
    return cells.join(",");
  });
  return `${["timestamp,value,anomaly_score,expected_low,expected_high,flagged", ...lines].join("\n")}\n`;
}

/** Six significant digits, without trailing zeros; "" where unknown. */
function rounded(value: number | undefined): string {
  return value === undefined ? "" : String(Number(value.toPrecision(6)));
}
