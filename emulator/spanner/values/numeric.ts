const TEXT = /^([+-])?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const SCALE_DIGITS = 9;
const SCALE = 1_000_000_000n;
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
  const nanos = nanosOfNumericText(text);
  return nanos === undefined ? undefined : numericTextOfNanos(nanos);
}

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
