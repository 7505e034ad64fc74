/** The page's own module, as the browser loads it. */
const url = new URL("../../../../../workers/console/public/decimals.js", import.meta.url).href;
const { addDecimals, formatAmounts, isZero, subtractDecimals } = await import(url);

test("sums of amounts are exact to the nano, beyond what a double holds", () => {
  expect(addDecimals(["90071992547409.93", "0.000000001", "-0.1"])).toBe(
    "90071992547409.830000001",
  );
  expect(subtractDecimals("1", "1.000000001")).toBe("-0.000000001");
  expect(isZero(subtractDecimals("2.50", "2.5"))).toBe(true);
});

test("amounts of a column stand point below point, thousands apart, and nothing is a dash", () => {
  expect(formatAmounts(["1234567.5", "-1234.125000000", "0", "0.000000000"])).toEqual([
    "1,234,567.500",
    "−1,234.125",
    "–",
    "–",
  ]);
});
