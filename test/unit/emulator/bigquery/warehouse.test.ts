import { type Table, Warehouse } from "../../../../emulator/bigquery/warehouse.ts";

const { jest } = import.meta;
const scope = { projectId: "p", datasetId: "d" };

let warehouse: Warehouse;
let table: Table;

beforeEach(async () => {
  warehouse = await Warehouse.open(":memory:");
  warehouse.datasets.set("p.d", {});
  const fields = ["id", "value"].map((name) => ({ name, type: "INTEGER" }));
  const resource = { schema: { fields }, tableConstraints: { primaryKey: { columns: ["id"] } } };
  table = await warehouse.createTable({ ...scope, tableId: "t" }, resource, 0);
});

afterEach(() => warehouse.close());

function change(id: number, sequence: number, changeType = "UPSERT"): void {
  const cells = [BigInt(id), BigInt(sequence)];
  table.rows.add(table.rows.check({ cells, changeType, sequence: sequence.toString(16) }));
}

async function rows(query: string): Promise<unknown> {
  return (await warehouse.query(query, scope)).rows;
}

test("rows in memory stay bounded, however many keys are upserted and however often", async () => {
  let most = 0;
  for (let id = 0; id < 225_000; id++) {
    change(id % 150_000, id);
    if (id % 1000 !== 0) continue;
    most = Math.max(most, table.rows.waiting);
    await warehouse.relieve(table);
  }
  expect(most).toBeLessThanOrEqual(101_000);
  expect(await rows("SELECT COUNT(*), COUNTIF(value >= 150000) FROM t")).toEqual([
    [150_000n, 75_000n],
  ]);
}, 30_000);

test("a change that is older than what a query saw changes nothing", async () => {
  change(1, 5);
  change(2, 5);
  expect(await rows("SELECT COUNT(*) FROM t")).toEqual([[2n]]);
  change(1, 4);
  change(2, 6, "DELETE");
  change(3, 1);
  expect(await rows("SELECT id, value FROM t ORDER BY id")).toEqual([
    [1n, 5n],
    [3n, 1n],
  ]);
  change(2, 5);
  change(1, 5, "DELETE");
  expect(await rows("SELECT id FROM t")).toEqual([[3n]]);
});

test("a first change that comes while a query is under way shows no column of the emulator's own", async () => {
  const before = rows("SELECT * FROM t");
  change(1, 1);
  const after = rows("SELECT * FROM t");
  expect(await before).toEqual([]);
  expect(await after).toEqual([[1n, 1n]]);
});

test("of queries that wait together only the first brings rows up; each sees those that it came after", async () => {
  const take = table.rows.take.bind(table.rows);
  jest.spyOn(table.rows, "take").mockImplementationOnce(() => {
    const taken = take();
    change(3, 3);
    return taken;
  });
  change(1, 1);
  const first = rows("SELECT COUNT(*) FROM t");
  change(2, 2);
  const second = rows("SELECT COUNT(*) FROM t");
  expect(await Promise.all([first, second])).toEqual([[[2n]], [[2n]]]);
  expect(await rows("SELECT COUNT(*) FROM t")).toEqual([[3n]]);
});

test("a column that is added keeps what change data capture wrote", async () => {
  change(1, 1);
  await rows("SELECT 1 FROM t");
  await warehouse.widen(table, [...table.schema, { name: "note", type: "STRING" }]);
  const cells = [2n, 2n, "n"];
  table.rows.add(table.rows.check({ cells, changeType: "UPSERT", sequence: "1" }));
  expect(await rows("SELECT * FROM t ORDER BY id")).toEqual([
    [1n, 1n, null],
    [2n, 2n, "n"],
  ]);
});
