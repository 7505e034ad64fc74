import { detectSeries, seriesCsv } from "../../../../../workers/gavel/detect/detect-series.ts";
import { readSeries } from "../../../../../workers/gavel/detect/read-series.ts";
import { prng } from "../../../../support/prng.ts";

const refused: Readonly<Record<string, readonly [text: string, says: string]>> = {
  "an empty file": ["", "s.csv is empty"],
  "a header alone": ["timestamp,value\n", "a header and no rows"],
  "a column too few": ["timestamp,value\n2026-01-01\n", "s.csv:2:"],
  "text for a number": [
    "timestamp,value\n2026-01-01,1\n2026-01-02,many\n",
    's.csv:3: "many" is no number',
  ],
  "a time that is none": ["timestamp,value\n2026-13-01,1\n", 's.csv:2: "2026-13-01" is no time'],
  "rows out of order": [
    "timestamp,value\n2026-01-02,1\n2026-01-01,1\n",
    "s.csv:3: 2026-01-01 is earlier than line 2",
  ],
  "mixed zones": [
    "timestamp,value\n2026-01-01 00:00:00,1\n2026-01-02T00:00:00Z,1\n",
    "line 3 names its time zone and line 2 does not",
  ],
};

test.each(Object.entries(refused))("%s is refused with its line", (_name, [text, says]) => {
  expect(() => readSeries(text, "s.csv")).toThrow(says);
});

test("missing values and repeated times pass, are told, and score 0", () => {
  const text = "timestamp,value\n2026-01-01,1\n2026-01-01,NaN\n2026-01-02,\n";
  const { rows, notices } = readSeries(text, "s.csv");
  expect(notices).toHaveLength(2);
  const options = { kind: "auto", falseAlarmsPerSegmentWeek: 0.5 } as const;
  const lines = seriesCsv(detectSeries(rows, options).rows).split("\n");
  expect(lines[2]).toBe("2026-01-01,NaN,0,,,0");
});

/** Two weeks of 5 min rows with a daily shape; `bend` changes a value. */
function weeks(bend: (value: number, row: number) => number): string {
  const random = prng(5);
  const rows = Array.from({ length: 4032 }, (_, row) => {
    const noise = random() + random() + random() - 1.5;
    const value = bend(50 + 10 * Math.sin((2 * Math.PI * row) / 288) + 3 * noise, row);
    return `${1_767_225_600 + row * 300},${value.toFixed(3)}`;
  });
  return `timestamp,value\n${rows.join("\n")}\n`;
}

function scoresOf(text: string) {
  const options = { kind: "value", falseAlarmsPerSegmentWeek: 0.5 } as const;
  return detectSeries(readSeries(text, "s.csv").rows, options).rows;
}

test("a score uses nothing after its row", () => {
  const spoiled = weeks((value, row) => (row >= 3000 ? value * 3 : value));
  const before = scoresOf(weeks((value) => value)).slice(0, 3000);
  expect(scoresOf(spoiled).slice(0, 3000)).toEqual(before);
});

test("a spike and a level that shifts are flagged, and the new level soon is not", () => {
  const rows = scoresOf(
    weeks((value, row) => value + (row === 2000 ? 60 : 0) + (row >= 3000 ? 40 : 0)),
  );
  const flagged = rows.flatMap(({ scored }, row) => (scored?.isFlagged ? [row] : []));
  expect(flagged).toContain(2000);
  expect(flagged).toContain(3000);
  expect(flagged.filter((row) => row > 3000 + 288).length).toBeLessThan(5);
});

test("a constant series is never flagged", () => {
  const rows = scoresOf(weeks(() => 7));
  expect(rows.filter(({ scored }) => scored?.isFlagged)).toEqual([]);
});
