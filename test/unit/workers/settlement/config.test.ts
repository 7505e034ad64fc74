import { readSettlementWorkerConfig } from "../../../../workers/settlement/config.ts";

const region = { GAVEL_REGION: "eu" };

test("by default every source owes at the win, nothing is tolerated, and a reservation lasts a day", () => {
  expect(readSettlementWorkerConfig(region)).toMatchObject({
    region: "eu",
    rules: { billOnBilling: new Set(), toleranceNanos: new Map() },
    reservationMs: 86_400_000,
    commitEventsMax: 500,
  });
});

test("sources and tolerances are read from lists, to the nano", () => {
  const { rules } = readSettlementWorkerConfig({
    ...region,
    GAVEL_BILL_ON_BILLING: "exchange-us, exchange-eu",
    GAVEL_TOLERANCES: "USD=0.01,JPY=1, EUR=0.000000001",
  });
  expect(rules.billOnBilling).toEqual(new Set(["exchange-us", "exchange-eu"]));
  expect(rules.toleranceNanos).toEqual(
    new Map([
      ["USD", 10_000_000n],
      ["JPY", 1_000_000_000n],
      ["EUR", 1n],
    ]),
  );
});

const faults: readonly [string, Readonly<Record<string, string>>, string][] = [
  [
    "a list with an empty name",
    { GAVEL_BILL_ON_BILLING: "exchange-us," },
    'GAVEL_BILL_ON_BILLING has "": give names',
  ],
  [
    "no currency",
    { GAVEL_TOLERANCES: "0.01" },
    'GAVEL_TOLERANCES has "0.01": write currency=amount',
  ],
  ["an unknown currency", { GAVEL_TOLERANCES: "USDT=1" }, 'GAVEL_TOLERANCES has "USDT=1"'],
  ["a negative tolerance", { GAVEL_TOLERANCES: "USD=-1" }, 'GAVEL_TOLERANCES has "USD=-1"'],
  ["ten decimals", { GAVEL_TOLERANCES: "USD=0.0000000001" }, "GAVEL_TOLERANCES has"],
  ["two amounts", { GAVEL_TOLERANCES: "USD=1=2" }, 'GAVEL_TOLERANCES has "USD=1=2"'],
  ["a currency twice", { GAVEL_TOLERANCES: "USD=1,USD=2" }, "names a currency twice"],
  [
    "a reservation of no time",
    { GAVEL_RESERVATION_MS: "0" },
    'GAVEL_RESERVATION_MS is "0": give 1000 to',
  ],
  [
    "a transaction of too much",
    { GAVEL_COMMIT_EVENTS_MAX: "5000" },
    'GAVEL_COMMIT_EVENTS_MAX is "5000": give 1 to 1200',
  ],
  [
    "an unknown region",
    { GAVEL_REGION: "mars" },
    'GAVEL_REGION is "mars": give one of us, eu, apac',
  ],
];

test.each(faults)("%s is a fault at the start", (_name, variables, said) => {
  expect(() => readSettlementWorkerConfig({ ...region, ...variables })).toThrow(said);
});

test("every fault is named at once", () => {
  const bad = { GAVEL_REGION: "mars", GAVEL_TOLERANCES: "x", GAVEL_RESERVATION_MS: "soon" };
  expect(() => readSettlementWorkerConfig(bad)).toThrow(
    /GAVEL_TOLERANCES has "x".*\nGAVEL_REGION is "mars".*\nGAVEL_RESERVATION_MS is "soon"/,
  );
});
