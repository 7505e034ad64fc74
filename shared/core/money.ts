/** Money is an integer count of nanos, 1/1,000,000,000 of a currency unit. Never floating point. */
export const NANOS_PER_UNIT = 1_000_000_000n;

/** The largest amount one event may carry: what an int64 holds, 9,223,372,036.854775807 units. */
export const NANOS_MAX = 9_223_372_036_854_775_807n;

const DECIMALS_MAX = 9;
/** Longest text read as an amount; a longer one is no price, whatever it says. */
const TEXT_LENGTH_MAX = 64;
const DECIMAL = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

export type ParsedNanos =
  | { readonly kind: "nanos"; readonly nanos: bigint }
  | { readonly kind: "notDecimal" | "tooManyDecimals" | "negative" | "outOfRange" };

/**
 * Reads an amount written in currency units, e.g. `0.227`, `12`, `5e-3`, to the nano.
 *
 * A tenth decimal that is not zero is `tooManyDecimals`: nothing is ever rounded. Below zero is
 * `negative`, above {@link NANOS_MAX} `outOfRange`, and what is no JSON number `notDecimal`.
 */
export function parseNanos(text: string): ParsedNanos {
  const match = text.length <= TEXT_LENGTH_MAX ? DECIMAL.exec(text) : null;
  if (match === null) return { kind: "notDecimal" };
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const scale = fraction.length - Number(exponent);
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return { kind: "nanos", nanos: 0n };
  const decimals = scale - (digits.length - significant.length);
  if (decimals > DECIMALS_MAX) return { kind: "tooManyDecimals" };
  const nanos = BigInt(significant) * 10n ** BigInt(DECIMALS_MAX - decimals);
  if (sign === "-") return { kind: "negative" };
  return nanos > NANOS_MAX ? { kind: "outOfRange" } : { kind: "nanos", nanos };
}

/** Writes nanos as a decimal of currency units without trailing zeros: `227000000n` is `0.227`. */
export function formatNanos(nanos: bigint): string {
  const magnitude = nanos < 0n ? -nanos : nanos;
  const whole = magnitude / NANOS_PER_UNIT;
  const fraction = (magnitude % NANOS_PER_UNIT).toString().padStart(DECIMALS_MAX, "0");
  const decimals = fraction.replace(/0+$/, "");
  return `${nanos < 0n ? "-" : ""}${whole}${decimals === "" ? "" : `.${decimals}`}`;
}
