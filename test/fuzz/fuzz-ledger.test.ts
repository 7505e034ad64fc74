import { fuzzLedger } from "./fuzz-ledger.ts";

test("S14: no notice that is forged, replayed or altered changes a bid or a balance, and one that contradicts is undone", async () => {
  const report = await fuzzLedger({ notices: 1500, bids: 40, seed: 3 });
  const { answers, seconds: _seconds, ...ledger } = report;
  expect(ledger).toEqual({
    ...{ bids: 40, contradicted: 8, notices: 1500 },
    ...{ misjudged: [], changed: [], undisputed: [] },
    ...{ balances: [], balancesResolved: [], findings: [], unbalanced: [] },
  });
  expect(Object.keys(answers).length).toBe(13);
}, 180_000);
