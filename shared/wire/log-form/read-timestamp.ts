import { type Refusal, refuse } from "../../core/auction/refusal.ts";

const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,20}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const EPOCH = /^(\d{1,20})(?:\.(\d{1,20}))?$/;
/** Below it a number is seconds, below the next milliseconds, then microseconds; each is past the year 5000. */
const SECONDS_BELOW = 1e11;
const MILLISECONDS_BELOW = 1e14;
const MICROSECONDS_BELOW = 1e17;
const MEND =
  "Use RFC 3339 such as 2026-01-31T23:59:59.123456Z, or epoch seconds, milliseconds or microseconds.";

/** Reads a timestamp, as text or a number's source, into whole microseconds since the Unix epoch. */
export function readTimestamp(text: string): number | Refusal {
  const date = RFC3339.exec(text);
  if (date !== null) return readDate(text, date);
  const epoch = EPOCH.exec(text);
  if (epoch !== null) return readEpoch(text, epoch);
  return refuse("badTimestamp", "timestamp", text, MEND);
}

function readDate(text: string, match: RegExpExecArray): number | Refusal {
  const part = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day] = [part(1), part(2), part(3)];
  const [hour, minute, second] = [part(4), part(5), part(6)];
  const offsetMinutes = (match[8] === "-" ? -1 : 1) * (part(9) * 60 + part(10));
  const date = new Date(Date.UTC(year, month - 1, day));
  const isReal =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60 &&
    part(9) < 24 &&
    part(10) < 60;
  const fractionUs = microsOf(match[7] ?? "", 6);
  if (!isReal || fractionUs === undefined) {
    return refuse("badTimestamp", "timestamp", text, isReal ? TOO_FINE : "There is no such time.");
  }
  const minutes = hour * 60 + minute - offsetMinutes;
  return (date.getTime() + (minutes * 60 + second) * 1000) * 1000 + fractionUs;
}

const TOO_FINE = "Use at most whole microseconds: finer times are refused, never rounded.";

function readEpoch(text: string, match: RegExpExecArray): number | Refusal {
  const whole = Number(match[1]);
  const digits = digitsBelowUnit(whole);
  if (digits === undefined) {
    return refuse("timestampOutOfRange", "timestamp", text, "Use at most microseconds.");
  }
  const fractionUs = microsOf(match[2] ?? "", digits);
  if (fractionUs === undefined) return refuse("badTimestamp", "timestamp", text, TOO_FINE);
  return whole * 10 ** digits + fractionUs;
}

/** How many decimals of its unit reach a microsecond. */
function digitsBelowUnit(whole: number): number | undefined {
  if (whole < SECONDS_BELOW) return 6;
  if (whole < MILLISECONDS_BELOW) return 3;
  return whole < MICROSECONDS_BELOW ? 0 : undefined;
}

/** Decimals as microseconds, where `digits` of them make one; undefined where finer ones are not zero. */
function microsOf(fraction: string, digits: number): number | undefined {
  if (/[1-9]/.test(fraction.slice(digits))) return undefined;
  return Number(fraction.slice(0, digits).padEnd(digits, "0"));
}
