import { Decimal } from "decimal.js";
import fc from "fast-check";
import { formatNanos, NANOS_MAX, parseNanos } from "../../../../shared/core/money.ts";

Decimal.set({ precision: 100, toExpNeg: -1000, toExpPos: 1000 });

const decimalText = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.bigInt({ min: 0n, max: 10n ** 11n }),
    fc.stringMatching(/^\d{0,12}$/),
    fc.constantFrom("", "e3", "E-4", "e+2", "e-12", "e20"),
  )
  .map(([sign, whole, fraction, exponent]) => {
    return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}${exponent}`;
  });

test("an amount is read as decimal.js reads it, or refused for what decimal.js shows", () => {
  fc.assert(
    fc.property(decimalText, (text) => {
      const nanos = new Decimal(text).times(1e9);
      const parsed = parseNanos(text);
      if (!nanos.isInteger()) expect(parsed).toEqual({ kind: "tooManyDecimals" });
      else if (nanos.isNegative() && !nanos.isZero()) expect(parsed).toEqual({ kind: "negative" });
      else if (nanos.gt(NANOS_MAX.toString())) expect(parsed).toEqual({ kind: "outOfRange" });
      else expect(parsed).toEqual({ kind: "nanos", nanos: BigInt(nanos.abs().toFixed(0)) });
    }),
    { numRuns: 2000 },
  );
});

test("formatting and parsing are inverse, and agree with decimal.js", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: NANOS_MAX }), (nanos) => {
      const text = formatNanos(nanos);
      expect(parseNanos(text)).toEqual({ kind: "nanos", nanos });
      expect(text).toBe(new Decimal(nanos.toString()).div(1e9).toFixed());
      expect(formatNanos(-nanos)).toBe(nanos === 0n ? "0" : `-${text}`);
    }),
  );
});

test.each(["", " 1", "1.", ".5", "0x10", "1e", "NaN", "Infinity", "1_000", "٣", "1".repeat(65)])(
  "%p is no amount",
  (text) => {
    expect(parseNanos(text)).toEqual({ kind: "notDecimal" });
  },
);
