import { DAY_MS } from "../../../shared/core/time.ts";

const TEXT =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(?:([Zz])|([+-])(\d{2}):(\d{2}))$/;
/** In UTC, but for 29 February: as it is stored, but for zeros at its end. */
const PLAIN =
  /^(?!0000)\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/;
const WHOLE_SECONDS = 19;
const DATE_TEXT = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;

/**
 * A timestamp in the one form that is stored and sent: RFC 3339 in UTC, up to nine digits of a second,
 * no zeros at their end. Undefined where the text is none, or lies outside the years 1 to 9999.
 */
export function readTimestampText(text: string): string | undefined {
  if (PLAIN.test(text)) return withoutZeros(text);
  const match = TEXT.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, , sign, offsetHours, offsetMinutes] =
    match;
  const offsetMs = (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * 60_000;
  const dayMs = epochMsOfDay(Number(year), Number(month), Number(day));
  if (dayMs === undefined || !isTimeOfDay(Number(hour), Number(minute), Number(second))) {
    return undefined;
  }
  const timeMs = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
  const utcMs = dayMs + timeMs - (sign === "-" ? -offsetMs : offsetMs);
  return formatSeconds(utcMs / 1000, (fraction ?? "").slice(1));
}

/** A timestamp in UTC without zeros at the end of its fraction. */
function withoutZeros(text: string): string {
  if (text.length === WHOLE_SECONDS + 1) return text;
  let end = text.length - 1;
  while (text.charCodeAt(end - 1) === ZERO) end--;
  if (end === text.length - 1) return text;
  return `${text.slice(0, end === WHOLE_SECONDS + 1 ? WHOLE_SECONDS : end)}Z`;
}

const ZERO = 0x30;

/** A date as `YYYY-MM-DD`, or undefined where the text names no day. */
export function readDateText(text: string): string | undefined {
  const match = DATE_TEXT.exec(text);
  if (match === null) return undefined;
  const dayMs = epochMsOfDay(Number(match[1]), Number(match[2]), Number(match[3]));
  return dayMs === undefined ? undefined : dateOfEpochMs(dayMs);
}

export function dateOfEpochMs(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}

export function timestampOfMicros(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const text = formatSeconds(seconds, String(micros - seconds * 1_000_000).padStart(6, "0"));
  if (text === undefined) throw new RangeError(`no timestamp has ${micros} microseconds`);
  return text;
}

/** Nanoseconds since the epoch of a stored timestamp; exact. */
export function nanosOfTimestamp(text: string): bigint {
  const fraction = text.length > 20 ? text.slice(20, -1) : "";
  const seconds = Date.parse(`${text.slice(0, 19)}Z`) / 1000;
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
}

export function timestampOfNanos(nanos: bigint): string | undefined {
  const fraction = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = Number((nanos - fraction) / 1_000_000_000n);
  return formatSeconds(seconds, String(fraction).padStart(9, "0"));
}

const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

function formatSeconds(seconds: number, fraction: string): string | undefined {
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return undefined;
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  const digits = fraction.replace(/0+$/, "");
  return digits === "" ? `${whole}Z` : `${whole}.${digits}Z`;
}

function epochMsOfDay(year: number, month: number, day: number): number | undefined {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCDate() !== day) return undefined;
  return Math.floor(date.getTime() / DAY_MS) * DAY_MS;
}

function isTimeOfDay(hour: number, minute: number, second: number): boolean {
  return hour < 24 && minute < 60 && second < 60;
}
