import fc from "fast-check";
import protobuf from "protobufjs";
import { compareCells } from "../../../../../emulator/spanner/values/compare.ts";
import {
  addSmallNumerics,
  compareNumericTexts,
  nanosOfNumericText,
  numericTextOfNanos,
  readNumericText,
} from "../../../../../emulator/spanner/values/numeric.ts";
import { readTimestampText } from "../../../../../emulator/spanner/values/timestamp.ts";
import { STRING } from "../../../../../emulator/spanner/values/type.ts";
import { readSharedText } from "../../../../../emulator/spanner/wire/shared-text.ts";

const LARGEST = 10n ** 38n - 1n;
/** Billionths: of any size, about a million, and small ones with zeros at their end. */
const nanos = fc.oneof(
  fc.bigInt({ min: -LARGEST, max: LARGEST }),
  fc.bigInt({ min: -1_001_000_000_000_000n, max: 1_001_000_000_000_000n }),
  fc
    .tuple(fc.bigInt({ min: -5000n, max: 5000n }), fc.integer({ min: 0, max: 12 }))
    .map(([number, zeros]) => number * 10n ** BigInt(zeros)),
);
const numericText = fc.oneof(
  nanos.map(numericTextOfNanos),
  fc
    .tuple(
      fc.constantFrom("", "-", "+"),
      fc.stringMatching(/^\d{0,31}$/),
      fc.constantFrom("", "."),
      fc.stringMatching(/^\d{0,10}$/),
      fc.constantFrom("", "e1", "E-3"),
    )
    .map((parts) => parts.join("")),
  fc.constantFrom("-0", "-0.0", "-0.5", "00", "1.", ".1"),
  fc.string({ maxLength: 5 }),
);

test("a NUMERIC's text is read as its billionths are written", () => {
  fc.assert(
    fc.property(numericText, (text) => {
      const value = nanosOfNumericText(text);
      const expected = value === undefined ? undefined : numericTextOfNanos(value);
      expect(readNumericText(text)).toBe(expected);
    }),
    { numRuns: 3000 },
  );
});

test("NUMERICs compare and add up as their billionths do", () => {
  fc.assert(
    fc.property(nanos, nanos, (left, right) => {
      const texts = [numericTextOfNanos(left), numericTextOfNanos(right)] as const;
      expect(Math.sign(compareNumericTexts(...texts))).toBe(
        Number(left > right) - Number(left < right),
      );
      const isSmall = [left, right].every((each) => -LIMIT < each && each < LIMIT);
      expect(addSmallNumerics(...texts, 1)).toBe(
        isSmall ? numericTextOfNanos(left + right) : undefined,
      );
      expect(addSmallNumerics(...texts, -1)).toBe(
        isSmall ? numericTextOfNanos(left - right) : undefined,
      );
    }),
    { numRuns: 3000 },
  );
});

const LIMIT = 10n ** 15n;

const twoDigits = fc.integer({ min: 0, max: 62 }).map((number) => String(number).padStart(2, "0"));
const fraction = fc.oneof(
  fc.constant(""),
  fc.stringMatching(/^\.\d{1,9}$/),
  fc
    .tuple(fc.stringMatching(/^\.\d{0,4}$/), fc.constantFrom("0", "00", "00000"))
    .map((parts) => parts.join("")),
);

test("a TIMESTAMP in UTC is read as one that writes its offset", () => {
  const years = fc.constantFrom("0000", "0001", "1969", "2024", "2026", "9999");
  const whole = fc
    .tuple(years, twoDigits, twoDigits, twoDigits, twoDigits, twoDigits)
    .map(([year, month, day, ...time]) => `${year}-${month}-${day}T${time.join(":")}`);
  const valid = fc
    .date({
      min: new Date("0001-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59Z"),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString().slice(0, 19));
  const monthEnd = fc
    .tuple(
      years,
      fc.integer({ min: 1, max: 12 }).map((month) => String(month).padStart(2, "0")),
      fc.integer({ min: 28, max: 32 }),
    )
    .map(([year, month, day]) => `${year}-${month}-${day}T00:00:00`);
  fc.assert(
    fc.property(fc.oneof(whole, monthEnd, valid), fraction, (seconds, digits) => {
      const expected = readTimestampText(`${seconds}${digits}+00:00`);
      expect(readTimestampText(`${seconds}${digits}Z`)).toBe(expected);
    }),
    { numRuns: 3000 },
  );
});

const text = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.string({ unit: "binary", maxLength: 4 }),
  fc
    .array(fc.constantFrom("a", "b", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}"), {
      maxLength: 3,
    })
    .map((parts) => parts.join("")),
);

test("STRINGs compare as their UTF-8 does", () => {
  fc.assert(
    fc.property(text, text, (left, right) => {
      const expected = Buffer.compare(Buffer.from(left), Buffer.from(right));
      expect(Math.sign(compareCells(STRING, left, right))).toBe(expected);
    }),
    { numRuns: 3000 },
  );
});

test("a shared text is the one that was sent, whatever was sent before", () => {
  const sent = fc.oneof(
    text,
    fc.stringMatching(/^[ab]{0,30}$/),
    fc.integer({ min: 0, max: 20_000 }).map(String),
  );
  fc.assert(
    fc.property(fc.array(sent, { maxLength: 200 }), (texts) => {
      const writer = protobuf.Writer.create();
      for (const each of texts) writer.string(each);
      const reader = protobuf.Reader.create(writer.finish());
      expect(texts.map(() => readSharedText(reader))).toEqual(texts);
      expect(reader.pos).toBe(reader.len);
    }),
    { numRuns: 500 },
  );
});
