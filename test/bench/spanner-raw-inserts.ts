/** Insert-only commits as raw protobuf over gRPC: what the emulator can take, with a client that costs next to nothing. */
import { performance } from "node:perf_hooks";
import { Client, credentials } from "@grpc/grpc-js";
import protobuf, { type Writer } from "protobufjs";

const COMMIT = "/google.spanner.v1.Spanner/Commit";
const COLUMNS = ["auction_id", "revision", "totals", "fingerprints", "committed_at"];
const TOTALS = JSON.stringify({ count: 8, max: 9000, min: 1, sum: 12_345 });
const FINGERPRINTS = Buffer.alloc(64, 7).toString("base64");

/** Rows a second, from commits of so many rows, one after the other: Google's emulator aborts more at once. */
export async function rawInsertsPerSecond(
  address: string,
  session: string,
  options: { readonly seconds: number; readonly rowsACommit: number },
): Promise<number> {
  const client = new Client(address, credentials.createInsecure());
  const began = performance.now();
  let commits = 0;
  while (performance.now() - began < options.seconds * 1000) {
    await commit(client, encodeCommit(session, `raw-${commits++}`, options.rowsACommit));
  }
  client.close();
  return (commits * options.rowsACommit) / ((performance.now() - began) / 1000);
}

function commit(client: Client, request: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const whole = (bytes: Buffer) => bytes;
    client.makeUnaryRequest(COMMIT, whole, whole, request, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

/** CommitRequest { 1: session, 3: TransactionOptions { 1: read_write }, 4: Mutation { 1: insert } } */
function encodeCommit(session: string, name: string, rows: number): Buffer {
  const writer = protobuf.Writer.create().uint32(10).string(session);
  writer.uint32(26).fork().uint32(10).fork().ldelim().ldelim();
  const insert = writer.uint32(34).fork().uint32(10).fork().uint32(10).string("AuctionLog");
  for (const column of COLUMNS) insert.uint32(18).string(column);
  for (let row = 0; row < rows; row++) writeRow(insert, `${(row * 7919) % 10_007}-${name}-${row}`);
  return Buffer.from(insert.ldelim().ldelim().finish());
}

/** ListValue { 1: Value { 3: string_value } } */
function writeRow(writer: Writer, auctionId: string): void {
  const list = writer.uint32(26).fork();
  for (const text of [auctionId, "1", TOTALS, FINGERPRINTS, "spanner.commit_timestamp()"]) {
    list.uint32(10).fork().uint32(26).string(text).ldelim();
  }
  list.ldelim();
}
