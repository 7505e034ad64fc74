import { assert } from "../assert.ts";

const DAY_US = 86_400_000_000;

/** The UTC day of an instant, `YYYY-MM-DD`. Microseconds since the Unix epoch, not before it. */
export function utcDayOf(timeUs: number): string {
  const { year, month, day } = civilOf(Math.floor(timeUs / DAY_US));
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
}

/** The UTC month of an instant, `YYYY-MM`: the period that its money belongs to. */
export function utcMonthOf(timeUs: number): string {
  return utcDayOf(timeUs).slice(0, 7);
}

/** The month after one written `YYYY-MM`. */
export function nextMonthOf(month: string): string {
  const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5))];
  return number === 12
    ? `${digits(year + 1, 4)}-01`
    : `${digits(year, 4)}-${digits(number + 1, 2)}`;
}

/** An instant as RFC 3339 in UTC with six decimals, `2026-01-01T00:00:00.000000Z`. */
export function rfc3339Of(timeUs: number): string {
  const inDay = timeUs - Math.floor(timeUs / DAY_US) * DAY_US;
  const seconds = Math.floor(inDay / 1_000_000);
  const clock = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) =>
    digits(Math.floor(part), 2),
  );
  return `${utcDayOf(timeUs)}T${clock.join(":")}.${digits(inDay % 1_000_000, 6)}Z`;
}

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})0*)?Z$/;

/** Reads what {@link rfc3339Of} and Spanner write, to the microsecond. */
export function microsOf(rfc3339: string): number {
  const match = RFC_3339.exec(rfc3339);
  assert(match !== null, `${rfc3339} is a time in UTC of whole microseconds`);
  const [, year, month, day, hours, minutes, seconds, fraction = ""] = match;
  const days = daysOf(Number(year), Number(month), Number(day));
  const inDay = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return days * DAY_US + inDay * 1_000_000 + Number(fraction.padEnd(6, "0"));
}

/** Days from 1970-01-01 to a day of the Gregorian calendar: the inverse of {@link civilOf}. */
function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const fromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * fromMarch + 2) / 5) + day - 1;
  const leaps = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leaps + dayOfYear - 719_468;
}

/**
 * Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar. Counts in eras of 400
 * years that begin on 1 March, so that the leap day is a year's last.
 * Source: Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
 */
function civilOf(daysSinceEpoch: number): { year: number; month: number; day: number } {
  const days = daysSinceEpoch + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const leaps =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
