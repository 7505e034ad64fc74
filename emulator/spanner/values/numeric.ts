const TEXT = /^([+-])?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const SCALE_DIGITS = 9;
const SCALE = 1_000_000_000n;
/** The form that is stored, but for the sign of "-0". */
const STORED = /^-?(?:0|[1-9]\d{0,28})(?:\.\d{0,8}[1-9])?$/;
/** Below it, and with no more than 9 decimals, billionths are exact as a JavaScript number, and so is their sum. */
const SMALL = 1_000_000;
const SMALL_LENGTH = 17;
/** Texts up to this length have at most 15 digits, so that JavaScript's numbers tell them apart. */
const EXACT_LENGTH = 15;
/** NUMERIC has 38 digits, 9 of them behind the point. */
const LIMIT = 10n ** 38n;

/** A NUMERIC in billionths, or undefined where the text is none or needs more than 9 decimals. */
export function nanosOfNumericText(text: string): bigint | undefined {
  const match = TEXT.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return undefined;
  const shift = Number(exponent) + SCALE_DIGITS - fraction.length;
  const digits = BigInt(whole + fraction);
  const magnitude = shift >= 0 ? digits * 10n ** BigInt(shift) : exactQuotient(digits, -shift);
  if (magnitude === undefined || magnitude >= LIMIT) return undefined;
  return sign === "-" ? -magnitude : magnitude;
}

/** The one form that is stored and sent: no sign on zero, no zeros at the end. */
export function numericTextOfNanos(nanos: bigint): string {
  const magnitude = nanos < 0n ? -nanos : nanos;
  const fraction = String(magnitude % SCALE)
    .padStart(SCALE_DIGITS, "0")
    .replace(/0+$/, "");
  const whole = `${nanos < 0n ? "-" : ""}${magnitude / SCALE}`;
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

export function readNumericText(text: string): string | undefined {
  if (STORED.test(text) && text !== "-0") return text;
  const nanos = nanosOfNumericText(text);
  return nanos === undefined ? undefined : numericTextOfNanos(nanos);
}

/** Negative, zero or positive, as the one NUMERIC is less than, equal to or greater than the other. */
export function compareNumericTexts(left: string, right: string): number {
  if (left === right) return 0;
  if (left.length <= EXACT_LENGTH && right.length <= EXACT_LENGTH) {
    return Number(left) - Number(right);
  }
  const difference = (nanosOfNumericText(left) ?? 0n) - (nanosOfNumericText(right) ?? 0n);
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** The sum, or with a `sign` of -1 the difference, of two stored NUMERICs below a million; undefined where one is larger. */
export function addSmallNumerics(left: string, right: string, sign: 1 | -1): string | undefined {
  if (left.length > SMALL_LENGTH || right.length > SMALL_LENGTH) return undefined;
  const [first, second] = [Number(left), Number(right)];
  // Also where one is not a number.
  if (!(Math.abs(first) < SMALL && Math.abs(second) < SMALL)) return undefined;
  const nanos = Math.round(first * 1e9) + sign * Math.round(second * 1e9);
  const magnitude = Math.abs(nanos);
  const fraction = magnitude % 1e9;
  const whole = `${nanos < 0 ? "-" : ""}${(magnitude - fraction) / 1e9}`;
  if (fraction === 0) return whole;
  let end = SCALE_DIGITS;
  const digits = String(fraction).padStart(SCALE_DIGITS, "0");
  while (digits.charCodeAt(end - 1) === ZERO) end--;
  return `${whole}.${digits.slice(0, end)}`;
}

const ZERO = 0x30;

/** True where a NUMERIC can hold it: at most 29 digits before the point. */
export function isNumericRange(nanos: bigint): boolean {
  return nanos > -LIMIT && nanos < LIMIT;
}

/** The product of two NUMERICs in billionths, rounded half away from zero. */
export function multiplyNanos(left: bigint, right: bigint): bigint {
  return divideRounded(left * right, SCALE);
}

export function divideNanos(left: bigint, right: bigint): bigint {
  return divideRounded(left * SCALE, right);
}

function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const negative = dividend < 0n !== divisor < 0n;
  const top = dividend < 0n ? -dividend : dividend;
  const bottom = divisor < 0n ? -divisor : divisor;
  const quotient = (top * 2n + bottom) / (bottom * 2n);
  return negative ? -quotient : quotient;
}

function exactQuotient(digits: bigint, places: number): bigint | undefined {
  const divisor = 10n ** BigInt(places);
  return digits % divisor === 0n ? digits / divisor : undefined;
}
