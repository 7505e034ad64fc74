import { serviceOf } from "../../../../../emulator/grpc/proto-services.ts";
import { INT64, type SpannerType, STRING } from "../../../../../emulator/spanner/values/type.ts";
import {
  encodeBatchDmlResponse,
  encodeCommitResponse,
  encodePartialResultSets,
  encodeResultSet,
  encodeTransaction,
  type Result,
} from "../../../../../emulator/spanner/wire/encode-response.ts";

const service = serviceOf("@google-cloud/spanner-api", "google.spanner.v1.Spanner");
const decoded = (call: string, bytes: Buffer) => service[call]?.responseDeserialize(bytes);

const PAIRS: SpannerType = {
  code: "ARRAY",
  element: {
    code: "STRUCT",
    fields: [
      { name: "käufer", type: STRING },
      { name: "bids", type: INT64 },
    ],
  },
};
/** Every byte of an id is to arrive, and 0x80 to 0xff are no UTF-8. */
const TRANSACTION_ID = "\u0000\u0080\u00ff";
const READ_MICROS = 1_764_474_000_123_456;
const READ_AT = { seconds: "1764474000", nanos: 123_456_000 };
const query: Result = {
  columns: [{ name: "pairs", type: PAIRS }],
  rows: [[[["a", "9007199254740993"]]], [null]],
  transaction: { id: TRANSACTION_ID, readTimestampMicros: READ_MICROS },
  rowCount: undefined,
};
const dml = (count: number, isExact: boolean): Result => ({
  columns: [],
  rows: [],
  transaction: undefined,
  rowCount: { count, isExact },
});

const text = (stringValue: string) => ({ kind: "stringValue", stringValue });
const list = (values: readonly object[]) => ({ kind: "listValue", listValue: { values } });
const wireTransaction = {
  id: Buffer.from(TRANSACTION_ID, "latin1"),
  readTimestamp: READ_AT,
};
const wirePairs = {
  code: "ARRAY",
  arrayElementType: {
    code: "STRUCT",
    structType: {
      fields: [
        { name: "käufer", type: { code: "STRING" } },
        { name: "bids", type: { code: "INT64" } },
      ],
    },
  },
};
const pair = list([list([text("a"), text("9007199254740993")])]);
const none = { kind: "nullValue" };
const metadata = {
  rowType: { fields: [{ name: "pairs", type: wirePairs }] },
  transaction: wireTransaction,
};

test("a query's rows arrive with nested types and the transaction that it began, whole or in pieces", () => {
  expect(decoded("ExecuteSql", encodeResultSet(query))).toMatchObject({
    metadata,
    rows: [{ values: [pair] }, { values: [none] }],
    stats: null,
  });
  const [piece = Buffer.alloc(0), ...more] = encodePartialResultSets(query);
  expect(more).toEqual([]);
  expect(decoded("ExecuteStreamingSql", piece)).toMatchObject({
    metadata,
    values: [pair, none],
    stats: null,
    last: true,
  });
});

test("statements tell the rows that they changed, exactly or as a lower bound, and the first that failed", () => {
  const failure = { code: 6, message: "Row exists: käufer" };
  const results = [dml(0, true), dml(2 ** 40, true), dml(300, false)];
  expect(decoded("ExecuteBatchDml", encodeBatchDmlResponse(results, failure))).toMatchObject({
    resultSets: [
      { stats: { rowCount: "rowCountExact", rowCountExact: "0" } },
      { stats: { rowCount: "rowCountExact", rowCountExact: String(2 ** 40) } },
      { stats: { rowCount: "rowCountLowerBound", rowCountLowerBound: "300" } },
    ],
    status: failure,
  });
});

test("a commit tells its time, and its mutations where they are asked for", () => {
  expect(decoded("Commit", encodeCommitResponse(READ_MICROS, undefined))).toMatchObject({
    commitTimestamp: READ_AT,
    commitStats: null,
  });
  expect(decoded("Commit", encodeCommitResponse(0, 80_000))).toMatchObject({
    commitTimestamp: { seconds: "0", nanos: 0 },
    commitStats: { mutationCount: "80000" },
  });
});

test("a transaction arrives with its id, and with a time only where it reads at one", () => {
  const begun = { id: TRANSACTION_ID, readTimestampMicros: undefined };
  expect(decoded("BeginTransaction", encodeTransaction(begun))).toMatchObject({
    id: wireTransaction.id,
    readTimestamp: null,
  });
});
