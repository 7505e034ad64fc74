import { REGIONS } from "../../../../shared/core/auction/event.ts";
import { pullSubscriptions, regions, subscriptionOf, topics } from "../../../../shared/names.ts";
import { ddlOf, readMigrations, statementsOf } from "../../../../shared/schema/read-migrations.ts";
import { tables } from "../../../../shared/schema/warehouse.ts";

test("each worker kind has one ordered, exactly-once subscription a region, with a dead-letter bound", () => {
  for (const region of regions) {
    const spec = subscriptionOf("window", region);
    expect(spec.filter).toContain(`attributes.region = "${region}"`);
    expect(spec).toMatchObject({
      ordered: true,
      exactlyOnce: true,
      topic: topics.auctionEvents.name,
    });
    expect(spec.deadLetterAttempts).toBeGreaterThanOrEqual(5);
    expect(spec.deadLetterAttempts).toBeLessThanOrEqual(100);
  }
});

test("events and resources name the same regions", () => {
  expect(regions).toEqual(REGIONS);
});

test("names are given once, and dead letters have a subscription of their own", () => {
  const names = pullSubscriptions().map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(pullSubscriptions().some(({ topic }) => topic === topics.deadLetters.name)).toBe(true);
});

test("a table written by upserts has a primary key of columns that it requires", () => {
  for (const { name, cdc, primaryKey = [], columns } of tables) {
    const required = columns.filter(({ mode }) => mode === "REQUIRED").map((column) => column.name);
    expect([name, cdc === true && primaryKey.length === 0]).toEqual([name, false]);
    expect(required).toEqual(expect.arrayContaining([...primaryKey]));
  }
});

test("migrations are numbered without a gap, and hold statements only", () => {
  const files = [...readMigrations("counts").keys()];
  expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, index) => index + 1));
  expect(ddlOf("counts").every((statement) => /^(CREATE|ALTER) /.test(statement))).toBe(true);
  expect(statementsOf("-- none\nCREATE TABLE A (x INT64);\n\nALTER TABLE A;;")).toEqual([
    "CREATE TABLE A (x INT64)",
    "ALTER TABLE A",
  ]);
});
