import fc from "fast-check";
import protobuf from "protobufjs";
import { FaultPlan } from "../../../../emulator/faults/fault-plan.ts";
import { serviceOf } from "../../../../emulator/grpc/proto-services.ts";
import { type RowFormat, rowFormatOf } from "../../../../emulator/pubsub/bigquery-rows.ts";
import { BigQueryWriteClient } from "../../../../emulator/pubsub/bigquery-write-client.ts";
import { PubsubState } from "../../../../emulator/pubsub/state.ts";
import {
  encodeAttributes,
  encodeBytes,
  encodeText,
  MessageWriter,
  type StoredMessage,
} from "../../../../emulator/pubsub/stored-message.ts";
import { createSubscription } from "../../../../emulator/pubsub/subscription-calls.ts";
import { createTopic } from "../../../../emulator/pubsub/topic-calls.ts";

const TOPIC = "projects/test/topics/topic";
const SUBSCRIPTION = "projects/test/subscriptions/rows";
const ID = 1_764_474_000_000_000;
const TIME_MS = 1_764_474_000_123;
const writer = new MessageWriter();

type Pairs = readonly (readonly [string, string])[];

function stored(data: Uint8Array, attributes: Pairs, orderingKey: string): StoredMessage {
  const bytes = Buffer.concat([
    encodeAttributes(attributes.slice(0, 1)),
    encodeBytes(1, Buffer.from(data)),
    encodeText(5, orderingKey),
  ]);
  return writer.store(
    { bytes, start: 0, end: bytes.length },
    encodeAttributes(attributes.slice(1)),
    { messageId: ID, publishTimeMs: TIME_MS, region: 0, orderingKey },
  );
}

function rowFormat(): RowFormat {
  const { catalog } = new PubsubState({
    regions: ["us"],
    firstMessageId: 1e15,
    faults: new FaultPlan(1),
  });
  createTopic(catalog, { name: TOPIC } as never); // Absent fields are the wire's defaults.
  const bigqueryConfig = { table: "test.set.table", writeMetadata: true };
  const resource = { name: SUBSCRIPTION, topic: TOPIC, ackDeadlineSeconds: 10, bigqueryConfig };
  createSubscription(catalog, resource as never, TIME_MS); // As above.
  return rowFormatOf(catalog, catalog.subscription(SUBSCRIPTION), [
    { name: "data", type: "BYTES" },
  ]);
}

const rowType = new protobuf.Type("Row")
  .add(new protobuf.Field("data", 1, "bytes"))
  .add(new protobuf.Field("subscription_name", 2, "string"))
  .add(new protobuf.Field("message_id", 3, "string"))
  .add(new protobuf.Field("publish_time", 4, "int64"))
  .add(new protobuf.Field("attributes", 5, "string"));

const service = serviceOf(
  "@google-cloud/bigquery-storage",
  "google.cloud.bigquery.storage.v1.BigQueryWrite",
);

interface Decoded {
  readonly writeStream: string;
  readonly protoRows: {
    readonly writerSchema: { readonly protoDescriptor: { readonly name: string } } | null;
    readonly rows: { readonly serializedRows: readonly Buffer[] };
  };
}

function decoded(request: Buffer): Decoded {
  return service["AppendRows"]?.requestDeserialize(request) as Decoded; // As its protos say.
}

const client = new BigQueryWriteClient("127.0.0.1:1");
afterAll(() => client.close());

/** Names and values of every kind: plain, escaped in JSON, not ASCII, numbers, taken names, one name twice. */
const word = fc.oneof(
  fc.constantFrom("region", "type", "ordering_key", "7", "07", "__proto__", "", 'a"b', "a\\b", "ä"),
  fc.string({ maxLength: 200 }),
  fc.string({ unit: "grapheme", maxLength: 8 }),
);
const pairs = fc.oneof(
  fc.array(fc.tuple(word, word), { maxLength: 5 }),
  fc.array(fc.tuple(fc.string({ maxLength: 4 }), fc.constant("x")), {
    minLength: 15,
    maxLength: 20,
  }),
);

test("rows have the message's data, and its attributes as the JSON object that JavaScript makes of them", () => {
  const requests = client.requests("projects/p/streams/_default", rowFormat());
  requests.next([]);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.uint8Array({ maxLength: 20_000 }), pairs, word), { maxLength: 3 }),
      (messages) => {
        const request = requests.next(messages.map((message) => stored(...message)));
        const rows = decoded(request).protoRows.rows.serializedRows;
        const expected = messages.map(([data, attributes, orderingKey]) => {
          const key: Pairs = orderingKey === "" ? [] : [["ordering_key", orderingKey]];
          return {
            ...(data.length > 0 ? { data: Buffer.from(data) } : {}),
            subscription_name: SUBSCRIPTION,
            message_id: String(ID),
            publish_time: TIME_MS * 1000,
            attributes: JSON.stringify(Object.fromEntries([...new Map(attributes), ...key])),
          };
        });
        expect(rows.map(objectOf)).toEqual(expected);
      },
    ),
    { numRuns: 300 },
  );
});

function objectOf(row: Buffer): object {
  const { data, ...rest } = rowType.toObject(rowType.decode(row), { longs: Number });
  return data.length > 0 ? { data, ...rest } : rest;
}

test("only the first request of a connection tells the rows' type", () => {
  const requests = client.requests("projects/p/streams/_default", rowFormat());
  const message = stored(Buffer.from("x"), [["type", "bid"]], "");
  const [first, second] = [requests.next([message]), requests.next([message])].map(decoded);
  expect(first?.protoRows.writerSchema?.protoDescriptor.name).toBe("Row");
  expect(second?.protoRows.writerSchema).toBeNull();
  for (const request of [first, second]) {
    expect(request?.writeStream).toBe("projects/p/streams/_default");
    expect(request?.protoRows.rows.serializedRows.length).toBe(1);
  }
  const anew = decoded(client.requests("projects/p/streams/_default", rowFormat()).next([message]));
  expect(anew.protoRows.writerSchema?.protoDescriptor.name).toBe("Row");
});
