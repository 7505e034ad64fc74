import { type Database, Spanner } from "@google-cloud/spanner";
import { type ContractCase, failure, SLOW_STREAM_ERRORS } from "./cases.ts";
import { type Plain, plainRows } from "./fixture.ts";

const INVALID_ARGUMENT = 3;

/** Queries with parameters, and what INFORMATION_SCHEMA and GetDatabaseDdl tell of the schema. */
export const QUERY_CASES: readonly ContractCase[] = [
  {
    name: "a query without a table",
    run: (database) =>
      query(database, "SELECT 1 AS one, 'a' || 'b' AS text, TRUE AS yes, NULL AS nothing"),
    expected: [{ one: "1", text: "ab", yes: true, nothing: null }],
  },
  {
    name: "parameters of every type come back as they went",
    run: (database) =>
      query(
        database,
        "SELECT @i AS i, @f AS f, @s AS s, @b AS b, @y AS y, @d AS d, @t AS t, @n AS n, @a AS a",
        {
          i: 7,
          f: Spanner.float(2.5),
          s: "x",
          b: false,
          y: Buffer.from("hi"),
          d: Spanner.date("2024-01-31"),
          t: Spanner.timestamp("2024-01-31T12:00:00.000000009Z"),
          n: Spanner.numeric("0.125"),
          a: [1, 2],
        },
      ),
    expected: [
      {
        i: "7",
        f: 2.5,
        s: "x",
        b: false,
        y: { type: "Buffer", data: [104, 105] },
        d: "2024-01-31",
        t: "2024-01-31T12:00:00.000000009Z",
        n: "0.125",
        a: ["1", "2"],
      },
    ],
  },
  {
    name: "STRUCT parameters, alone and in an array",
    run: async (database) => {
      await seedBids(database);
      const pair = Spanner.struct({ seat: "query", bid_id: "b2" });
      return [
        await query(
          database,
          "SELECT price FROM Bid WHERE STRUCT<seat STRING, bid_id STRING>(seat, bid_id) = @pair",
          { pair },
        ),
        await query(
          database,
          "SELECT bid.price FROM UNNEST(@pairs) AS pair JOIN Bid AS bid ON bid.seat = pair.seat AND bid.bid_id = pair.bid_id",
          { pairs: [pair] },
        ),
      ];
    },
    expected: [[{ price: "20" }], [{ price: "20" }]],
  },
  {
    name: "keys, ranges, IN and UNNEST, order, limit and offset",
    run: async (database) => {
      await seedBids(database);
      return [
        await prices(database, "SELECT price FROM Bid WHERE seat = @seat AND bid_id = 'b2'"),
        await prices(
          database,
          "SELECT price FROM Bid WHERE seat = @seat AND bid_id > 'b2' AND bid_id <= 'b4' ORDER BY price",
        ),
        await prices(
          database,
          "SELECT price FROM Bid WHERE seat = @seat AND bid_id IN ('b1', 'b5', 'none') ORDER BY price",
        ),
        await prices(
          database,
          "SELECT price FROM Bid WHERE seat = @seat AND bid_id IN UNNEST(['b3', 'b1']) ORDER BY price",
        ),
        await prices(
          database,
          "SELECT price FROM Bid WHERE seat = @seat ORDER BY price DESC LIMIT 2 OFFSET 1",
        ),
        await prices(
          database,
          "SELECT price FROM Bid@{FORCE_INDEX=BidByState} WHERE state = 'q-won'",
        ),
      ];
    },
    expected: [["20"], ["30", "40"], ["10", "50"], ["10", "30"], ["40", "30"], ["40", "20"]],
  },
  {
    name: "NULL is neither equal nor unequal, and sorts first",
    run: async (database) => {
      await seedBids(database);
      return [
        await prices(database, "SELECT price FROM Bid WHERE seat = @seat AND state = @nothing"),
        await prices(
          database,
          "SELECT price FROM Bid WHERE seat = @seat AND NOT (state = 'q-won') ORDER BY price",
        ),
        await prices(database, "SELECT price FROM Bid WHERE seat = @seat AND state IS NULL"),
        await prices(
          database,
          "SELECT price FROM Bid WHERE seat = @seat ORDER BY state, price LIMIT 3",
        ),
      ];
    },
    expected: [[], ["10", "30"], ["50"], ["50", "10", "30"]],
  },
  {
    name: "counts, sums and extremes of a table",
    run: async (database) => {
      await seedBids(database);
      return query(
        database,
        "SELECT COUNT(*) AS n, COUNT(state) AS stated, SUM(price) AS total, MIN(price) AS low, MAX(bid_id) AS last FROM Bid WHERE seat = 'query'",
      );
    },
    expected: [{ n: "5", stated: "4", total: "150", low: "10", last: "b5" }],
  },
  {
    name: "joins, grouping, subqueries and windows, on the newest rows",
    run: async (database) => {
      await seedBids(database);
      const grouped = `SELECT s.seat, b.state, COUNT(*) AS n, SUM(b.price) AS total
        FROM Seat AS s JOIN Bid AS b ON b.seat = s.seat WHERE s.seat = @seat
        GROUP BY s.seat, b.state HAVING COUNT(*) > 1 ORDER BY b.state`;
      const first = await query(database, grouped, { seat: "query" });
      await database.table("Bid").update({ seat: "query", bid_id: "b1", price: 1000 });
      const second = await query(database, grouped, { seat: "query" });
      const ranked = await query(
        database,
        `SELECT bid_id, ROW_NUMBER() OVER (ORDER BY price DESC) AS place FROM Bid
         WHERE seat = 'query' AND price > (SELECT MIN(price) FROM Bid WHERE seat = 'query') ORDER BY place LIMIT 2`,
      );
      return [first, second, ranked];
    },
    expected: [
      [
        { seat: "query", state: "q-lost", n: "2", total: "40" },
        { seat: "query", state: "q-won", n: "2", total: "60" },
      ],
      [
        { seat: "query", state: "q-lost", n: "2", total: "1030" },
        { seat: "query", state: "q-won", n: "2", total: "60" },
      ],
      [
        { bid_id: "b1", place: "1" },
        { bid_id: "b5", place: "2" },
      ],
    ],
    google: {
      expected: { code: INVALID_ARGUMENT },
      why: "it refuses window functions, which the replica answers: test on the service what you mean to use there",
    },
  },
  {
    name: "a grouped query sees its transaction's own DML, and not what came after its snapshot",
    run: async (database) => {
      await seedBids(database);
      const count = "SELECT seat, COUNT(*) AS n FROM Bid WHERE seat = 'query' GROUP BY seat";
      const [snapshot] = await database.getSnapshot({ strong: true });
      const inside = await database.runTransactionAsync(async (transaction) => {
        await transaction.runUpdate("DELETE FROM Bid WHERE seat = 'query' AND bid_id = 'b5'");
        const [rows] = await transaction.run(count);
        await transaction.commit();
        return plainRows(rows);
      });
      const [before] = await snapshot.run(count);
      snapshot.end();
      return [inside, plainRows(before), await query(database, count)];
    },
    expected: [
      [{ seat: "query", n: "4" }],
      [{ seat: "query", n: "5" }],
      [{ seat: "query", n: "4" }],
    ],
  },
  {
    name: "expressions: arithmetic, CASE, LIKE, BETWEEN, COALESCE, CAST",
    run: (database) =>
      query(
        database,
        `SELECT 7 - 2 * 3 AS a, 7 / 2 AS b, CASE WHEN 1 > 2 THEN 'x' ELSE 'y' END AS c, 'gavel' LIKE 'g_v%' AS d,
         5 BETWEEN 5 AND 6 AS e, COALESCE(NULL, 'z') AS f, CAST('12' AS INT64) AS g, CAST(1.5 AS NUMERIC) AS h,
         NUMERIC '0.1' + NUMERIC '0.2' AS i, MOD(-7, 3) AS j, GREATEST(1, 3, 2) AS k, IF(FALSE, 1, 2) AS l`,
      ),
    expected: [
      {
        a: "1",
        b: 3.5,
        c: "y",
        d: true,
        e: true,
        f: "z",
        g: "12",
        h: "1.5",
        i: "0.3",
        j: "-1",
        k: "3",
        l: "2",
      },
    ],
  },
  {
    name: "what is misspelt is INVALID_ARGUMENT",
    oursOnly: SLOW_STREAM_ERRORS,
    run: async (database) => [
      (await failure(database.run("SELECT nothing FROM Owner"))).code,
      (await failure(database.run("SELECT id FROM Nowhere"))).code,
      (await failure(database.run("SELECT id FROM Owner WHERE id = 'seven'"))).code,
      (await failure(database.run("SELECT id FROM Owner WHERE id = NULL"))).code,
      (await failure(database.run("SELEKT id FROM Owner"))).code,
    ],
    expected: new Array(5).fill(INVALID_ARGUMENT),
  },
  {
    name: "THEN RETURN gives the rows that DML wrote",
    run: (database) =>
      database.runTransactionAsync(async (transaction) => {
        const [inserted] = await transaction.run(
          "INSERT INTO Tally (id, age) VALUES (400, 1) THEN RETURN id, age + 1 AS next",
        );
        const [deleted] = await transaction.run("DELETE FROM Tally WHERE id = 400 THEN RETURN age");
        await transaction.commit();
        return [plainRows(inserted), plainRows(deleted)];
      }),
    expected: [[{ id: "400", next: "2" }], [{ age: "1" }]],
  },
  {
    name: "INSERT OR IGNORE and INSERT OR UPDATE, DEFAULT, INSERT from a query",
    run: (database) =>
      database.runTransactionAsync(async (transaction) => {
        await transaction.runUpdate(
          "INSERT INTO Everything (id, note) VALUES (410, 'own'), (411, DEFAULT)",
        );
        const [ignored] = await transaction.runUpdate(
          "INSERT OR IGNORE INTO Everything (id, note) VALUES (410, 'other')",
        );
        await transaction.runUpdate(
          "INSERT OR UPDATE INTO Everything (id, name) VALUES (410, 'named')",
        );
        await transaction.runUpdate(
          "INSERT INTO Owner (id) SELECT id FROM Everything WHERE id >= 410",
        );
        const [rows] = await transaction.run(
          "SELECT id, note, name FROM Everything WHERE id >= 410 ORDER BY id",
        );
        const [owners] = await transaction.run(
          "SELECT id FROM Owner WHERE id IN (410, 411) ORDER BY id",
        );
        await transaction.rollback();
        return [ignored, plainRows(rows), plainRows(owners)];
      }),
    expected: [
      0,
      [
        { id: "410", note: "own", name: "named" },
        { id: "411", note: "none", name: null },
      ],
      [{ id: "410" }, { id: "411" }],
    ],
    google: {
      expected: [
        0,
        [
          { id: "410", note: "none", name: "named" },
          { id: "411", note: "none", name: null },
        ],
        [{ id: "410" }, { id: "411" }],
      ],
      why: "its INSERT OR UPDATE writes the default of an unnamed column also over a row that exists; ours keeps that column, as the insert_or_update mutation does",
    },
  },
  {
    name: "PENDING_COMMIT_TIMESTAMP() in DML is the commit's timestamp",
    run: async (database) => {
      await database.runTransactionAsync(async (transaction) => {
        await transaction.runUpdate(
          "INSERT INTO AuctionLog (auction_id, revision, committed_at) VALUES ('pending', 1, PENDING_COMMIT_TIMESTAMP())",
        );
        await transaction.commit();
      });
      return query(
        database,
        "SELECT revision FROM AuctionLog WHERE auction_id = 'pending' AND committed_at > TIMESTAMP '2020-01-01T00:00:00Z'",
      );
    },
    expected: [{ revision: "1" }],
  },
  {
    name: "INFORMATION_SCHEMA tells tables, columns and indexes",
    run: async (database) => [
      await query(
        database,
        "SELECT TABLE_NAME, PARENT_TABLE_NAME, ON_DELETE_ACTION FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = '' AND TABLE_NAME IN ('Bid', 'Seat') ORDER BY TABLE_NAME",
      ),
      await query(
        database,
        "SELECT COLUMN_NAME, SPANNER_TYPE, IS_NULLABLE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'Bid' ORDER BY ORDINAL_POSITION",
      ),
      await query(
        database,
        "SELECT INDEX_NAME, IS_UNIQUE, IS_NULL_FILTERED FROM INFORMATION_SCHEMA.INDEXES WHERE TABLE_NAME = 'Person' ORDER BY INDEX_NAME",
      ),
      await query(
        database,
        "SELECT COLUMN_NAME, COLUMN_ORDERING FROM INFORMATION_SCHEMA.INDEX_COLUMNS WHERE INDEX_NAME = 'BidByState' ORDER BY ORDINAL_POSITION",
      ),
    ],
    expected: [
      [
        { TABLE_NAME: "Bid", PARENT_TABLE_NAME: "Seat", ON_DELETE_ACTION: "CASCADE" },
        { TABLE_NAME: "Seat", PARENT_TABLE_NAME: null, ON_DELETE_ACTION: null },
      ],
      [
        { COLUMN_NAME: "seat", SPANNER_TYPE: "STRING(20)", IS_NULLABLE: "NO" },
        { COLUMN_NAME: "bid_id", SPANNER_TYPE: "STRING(36)", IS_NULLABLE: "NO" },
        { COLUMN_NAME: "price", SPANNER_TYPE: "INT64", IS_NULLABLE: "YES" },
        { COLUMN_NAME: "state", SPANNER_TYPE: "STRING(20)", IS_NULLABLE: "YES" },
      ],
      [
        { INDEX_NAME: "PRIMARY_KEY", IS_UNIQUE: true, IS_NULL_FILTERED: false },
        { INDEX_NAME: "PersonByAlias", IS_UNIQUE: true, IS_NULL_FILTERED: true },
        { INDEX_NAME: "PersonByEmail", IS_UNIQUE: true, IS_NULL_FILTERED: false },
      ],
      [
        { COLUMN_NAME: "state", COLUMN_ORDERING: "ASC" },
        { COLUMN_NAME: "price", COLUMN_ORDERING: "DESC" },
      ],
    ],
  },
  {
    name: "the DDL comes back, and a changed schema is used at once",
    run: async (database) => {
      const [update] = await database.updateSchema([
        `CREATE TABLE Lease (
           shard INT64 NOT NULL, holder STRING(MAX), expires TIMESTAMP,
         ) PRIMARY KEY (shard), ROW DELETION POLICY (OLDER_THAN(expires, INTERVAL 7 DAY))`,
        "CREATE INDEX LeaseByHolder ON Lease(holder)",
        "ALTER TABLE Lease ADD COLUMN token INT64 NOT NULL DEFAULT (1)",
        "ALTER TABLE Lease ADD CONSTRAINT token_positive CHECK(token > 0)",
      ]);
      await update.promise();
      await database.table("Lease").insert({ shard: 1, holder: "w1" });
      const [rows] = await database.table("Lease").read({
        index: "LeaseByHolder",
        columns: ["shard", "holder"],
        keys: ["w1"],
      });
      const [ddl] = await database.getSchema();
      return [plainRows(rows), ddl.filter((statement) => statement.includes("Lease"))];
    },
    expected: [
      [{ shard: "1", holder: "w1" }],
      [
        "CREATE TABLE Lease (\n  shard INT64 NOT NULL,\n  holder STRING(MAX),\n  expires TIMESTAMP,\n  token INT64 NOT NULL DEFAULT (1),\n  CONSTRAINT token_positive CHECK(token > 0),\n) PRIMARY KEY(shard), ROW DELETION POLICY (OLDER_THAN(expires, INTERVAL 7 DAY))",
        "CREATE INDEX LeaseByHolder ON Lease(holder)",
      ],
    ],
  },
];

async function query(
  database: Database,
  sql: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Plain[]> {
  const [rows] = await database.run({ sql, params });
  return plainRows(rows);
}

async function prices(database: Database, sql: string): Promise<unknown[]> {
  const nothing = sql.includes("@nothing") ? { nothing: null } : {};
  const [found] = await database.run({
    sql,
    params: sql.includes("@seat") ? { seat: "query", ...nothing } : nothing,
    types: sql.includes("@nothing") ? { nothing: "string" } : {},
  });
  const rows = plainRows(found);
  return rows.map((row) => row["price"]);
}

async function seedBids(database: Database): Promise<void> {
  await database.table("Seat").upsert({ seat: "query" });
  const states = ["q-lost", "q-won", "q-lost", "q-won", null];
  await database.table("Bid").upsert(
    states.map((state, index) => ({
      seat: "query",
      bid_id: `b${index + 1}`,
      price: (index + 1) * 10,
      state,
    })),
  );
}
