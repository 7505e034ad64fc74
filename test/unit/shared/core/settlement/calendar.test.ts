import fc from "fast-check";
import {
  microsOf,
  nextMonthOf,
  rfc3339Of,
  utcDayOf,
  utcMonthOf,
} from "../../../../../shared/core/settlement/calendar.ts";

/** From 1970 to 2255, across a century that has no leap day. */
const time = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

test("times, days and months agree with the platform's calendar", () => {
  fc.assert(
    fc.property(time, (timeUs) => {
      const text = new Date(Math.floor(timeUs / 1000)).toISOString();
      const micros = String(timeUs % 1000).padStart(3, "0");
      expect(rfc3339Of(timeUs)).toBe(`${text.slice(0, -1)}${micros}Z`);
      expect(utcDayOf(timeUs)).toBe(text.slice(0, 10));
      expect(utcMonthOf(timeUs)).toBe(text.slice(0, 7));
      expect(microsOf(rfc3339Of(timeUs))).toBe(timeUs);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ["2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000000Z"],
  ["2000-03-01T00:00:00.5Z", "2000-03-01T00:00:00.500000Z"],
  ["2099-12-31T23:59:59.999999000Z", "2099-12-31T23:59:59.999999Z"],
])("%s reads as %s", (given, canonical) => {
  expect(rfc3339Of(microsOf(given))).toBe(canonical);
});

test("what is finer than a microsecond or not UTC is refused", () => {
  expect(() => microsOf("2024-01-01T00:00:00.0000001Z")).toThrow("whole microseconds");
  expect(() => microsOf("2024-01-01T00:00:00+01:00")).toThrow("whole microseconds");
});

test("December is followed by January", () => {
  expect(nextMonthOf("2026-12")).toBe("2027-01");
  expect(nextMonthOf("2026-09")).toBe("2026-10");
});
