/** Decimals of BigQuery and Spanner have up to nine places. */
const PLACES = 9;

function toUnits(decimal) {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal);
  return BigInt(`${sign}${whole}${fraction.padEnd(PLACES, "0")}`);
}

function fromUnits(units) {
  const digits = (units < 0n ? -units : units).toString().padStart(PLACES + 1, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -PLACES)}.${digits.slice(-PLACES)}`;
}

/** The exact sum of decimal texts. */
export function addDecimals(decimals) {
  return fromUnits(decimals.reduce((sum, decimal) => sum + toUnits(decimal), 0n));
}

/** The exact difference of two decimal texts. */
export function subtractDecimals(decimal, other) {
  return fromUnits(toUnits(decimal) - toUnits(other));
}

export function isZero(decimal) {
  return toUnits(decimal) === 0n;
}

/**
 * Amounts of one column: thousands apart, a true minus, all with as many decimals as the longest of them
 * needs, at least two; so that their points stand below each other. Nothing is a dash.
 */
export function formatAmounts(decimals) {
  const parts = decimals.map((decimal) => {
    const [whole, fraction = ""] = decimal.split(".");
    return [whole, fraction.replace(/0+$/, "")];
  });
  const places = Math.max(2, ...parts.map(([, fraction]) => fraction.length));
  return parts.map(([whole, fraction]) => {
    if (fraction === "" && /^-?0+$/.test(whole)) return "–";
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",").replace("-", "−");
    return `${grouped}.${fraction.padEnd(places, "0")}`;
  });
}
