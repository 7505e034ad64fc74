import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { status } from "@grpc/grpc-js";
import { type PubsubEmulator, startPubsubEmulator } from "../../../emulator/pubsub/server.ts";
import { createTopic } from "../../../emulator/pubsub/topic-calls.ts";
import { openRequest, publishRequest, RawPubsubClient } from "../../bench/pubsub-raw-client.ts";
import { PubsubWorld, pause, until } from "./pubsub-world.ts";

/** Far more than any needs; the machine may be busy. */
const TEST_MS_MAX = 30_000;
let emulator: PubsubEmulator;
let world: PubsubWorld;
let raw: RawPubsubClient;

beforeAll(async () => {
  emulator = await startPubsubEmulator();
  world = new PubsubWorld(emulator.ports.default);
  raw = new RawPubsubClient(emulator.ports.default);
});

/** After each piece of bad input the emulator takes and gives as before. */
afterEach(async () => {
  const topic = await world.topic();
  const subscription = await world.subscription(topic);
  await world.publish(topic, ["alive"]);
  expect((await world.pull(subscription, 1)).map(({ text }) => text)).toEqual(["alive"]);
});

afterAll(async () => {
  raw.close();
  await world.close();
  emulator.close();
});

const INVALID = status.INVALID_ARGUMENT;

async function expectRefusal(
  call: Promise<unknown>,
  expected: { readonly code: number; readonly says: RegExp },
): Promise<void> {
  const { code, says } = expected;
  await expect(call).rejects.toMatchObject({ code, details: expect.stringMatching(says) });
}

test.each([
  ["projects/test/topics/ab", /3 to 255/],
  ["projects/test/topics/1abc", /starts with a letter/],
  ["projects/test/topics/google-things", /goog/],
  ["projects/test/topics/white space", /topics\/white space/],
  [`projects/test/topics/${"a".repeat(256)}`, /3 to 255/],
  ["projects/test/subscriptions/topic", /projects\/test\/subscriptions\/topic/],
  ["topics/topic", /topics\/topic/],
  ["", /name=/],
])(
  "the topic name %j is refused with what a name is",
  async (name, says) => {
    await expectRefusal(world.publisher.createTopic({ name }), { code: INVALID, says });
  },
  TEST_MS_MAX,
);

test.each([
  "attributes.a",
  "attributes.a = 1",
  'attributes.a = "x" AND attributes.b = "y" OR attributes.c = "z"',
  'attributes.a == "x"',
  'hasPrefix(attributes.a "x")',
  '(attributes.a = "x"',
  'data = "x"',
  'attributes.a = "x',
  "AND",
  `attributes.a = "${"x".repeat(300)}"`,
])(
  "the filter %s is refused",
  async (filter) => {
    const topic = await world.topic();
    await expectRefusal(world.subscription(topic, { filter }), { code: INVALID, says: /filter/i });
  },
  TEST_MS_MAX,
);

test.each([
  ["no text", "", /./],
  ["no protobuf", "message {", /./],
  [
    "two messages",
    'syntax = "proto3"; message A { string a = 1; } message B { string b = 1; }',
    /message/,
  ],
  ["an import", 'syntax = "proto3"; import "other.proto"; message A { string a = 1; }', /import/],
  ["an unknown type", 'syntax = "proto3"; message A { Missing a = 1; }', /Missing/],
  [
    "over 300 KB",
    `syntax = "proto3"; message A { string a = 1; } // ${"x".repeat(310_000)}`,
    /307200/,
  ],
])(
  "a schema of %s is refused",
  async (_, definition, says) => {
    await expectRefusal(world.schema(definition), { code: INVALID, says });
  },
  TEST_MS_MAX,
);

test(
  "what is not emulated says so by name",
  async () => {
    const topic = await world.topic();
    const pushConfig = { pushEndpoint: "https://example.com/push" };
    await expectRefusal(world.subscription(topic, { pushConfig }), {
      code: status.UNIMPLEMENTED,
      says: /push/i,
    });
  },
  TEST_MS_MAX,
);

test(
  "a request beyond 10 MB is refused, and one just below goes through",
  async () => {
    const topic = await world.topic();
    const of = (sizeBytes: number) =>
      raw.publish(
        publishRequest(topic, { count: 1, data: Buffer.alloc(sizeBytes), orderingKey: "" }),
      );
    await expectRefusal(of(10_000_001), { code: INVALID, says: /10000000/ });
    await of(9_900_000);
  },
  TEST_MS_MAX,
);

test(
  "bytes that are no request are refused",
  async () => {
    const broken = [
      Buffer.from([0xff]),
      Buffer.from([0x0a, 0x7f, 0x01]),
      Buffer.from([0x12, 0x02, 0x0a, 0x7f]),
      Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]),
      Buffer.alloc(1000, 0x41),
    ];
    for (const bytes of broken) {
      await expect(raw.publish(bytes)).rejects.toMatchObject({ code: INVALID });
    }
  },
  TEST_MS_MAX,
);

test(
  "fields that a request does not have are passed over, as protobuf does",
  async () => {
    const topic = await world.topic();
    const subscription = await world.subscription(topic);
    const request = publishRequest(topic, { count: 1, data: Buffer.from("m"), orderingKey: "" });
    const unknownField = Buffer.from([0xf8, 0x07, 0x2a]);
    await raw.publish(Buffer.concat([unknownField, request, unknownField]));
    expect((await world.pull(subscription, 1)).map(({ text }) => text)).toEqual(["m"]);
  },
  TEST_MS_MAX,
);

test(
  "a stream's first request that is broken, empty, or names nothing ends it with INVALID_ARGUMENT",
  async () => {
    for (const bytes of [Buffer.from([0xff]), Buffer.alloc(0), openRequest("", 10)]) {
      const stream = raw.streamingPull();
      const ended = new Promise((resolve) => stream.once("error", resolve));
      stream.resume();
      stream.write(bytes);
      expect(await ended).toMatchObject({ code: INVALID });
    }
  },
  TEST_MS_MAX,
);

test(
  "a connection that stops in the middle of its preface, and a stream without a request, harm nobody",
  async () => {
    const socket = connect(emulator.ports.default, "127.0.0.1");
    await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
    socket.write("PRI * HTTP/2.0\r\n\r\nSM");
    const silent = raw.streamingPull();
    silent.on("error", () => undefined);
    await pause(100);
    socket.destroy();
    silent.cancel();
  },
  TEST_MS_MAX,
);

/** A StreamingPull on HTTP/2 alone: what nobody listens to is not read. */
function openBare(subscription: string, ackDeadlineSeconds: number) {
  const session = connectHttp2(`http://127.0.0.1:${emulator.ports.default}`);
  session.on("error", () => undefined);
  const stream = session.request({
    ":method": "POST",
    ":path": "/google.pubsub.v1.Subscriber/StreamingPull",
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.on("error", () => undefined);
  const request = openRequest(subscription, ackDeadlineSeconds);
  const header = Buffer.alloc(5);
  header.writeUInt32BE(request.length, 1);
  stream.write(Buffer.concat([header, request]));
  return { session, stream };
}

test("what a consumer held whose connection broke comes to another one after its lease", async () => {
  const topic = await world.topic();
  const subscription = await world.subscription(topic, { enableExactlyOnceDelivery: true });
  await world.publish(topic, ["held"]);
  const { session, stream } = openBare(subscription, 10);
  const received: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => received.push(chunk));
  await until(() => Buffer.concat(received).includes("held"));
  session.destroy();
  const [{ receivedMessages }] = await world.subscriber.pull({
    subscription,
    maxMessages: 1,
    returnImmediately: true,
  });
  expect(receivedMessages).toEqual([]);
  const other = world.stream(subscription);
  await until(() => other.received.length === 1, 20_000);
}, 25_000);

test("a consumer that reads nothing is sent no more than its buffers hold, and others get the rest", async () => {
  const topic = await world.topic();
  const subscription = await world.subscription(topic);
  const { session } = openBare(subscription, 600);
  const data = Buffer.alloc(900_000);
  for (let request = 0; request < 80; request++) {
    await raw.publish(publishRequest(topic, { count: 1, data, orderingKey: "" }));
  }
  const other = world.stream(subscription);
  await until(() => other.received.length > 0, 15_000);
  session.destroy();
}, 20_000);

test(
  "10,000 topics are listed whole and do not slow a publish down",
  async () => {
    const project = "projects/many";
    for (let number = 0; number < 10_000; number++) {
      createTopic(emulator.state.catalog, { name: `${project}/topics/topic-${number}` } as never); // Absent fields are defaults.
    }
    const names = new Set<string>();
    for await (const { name } of world.publisher.listTopicsAsync({ project, pageSize: 1000 })) {
      names.add(name ?? "");
    }
    expect(names.size).toBe(10_000);
    await expect(
      world.publisher.createTopic({ name: `${project}/topics/topic-1` }),
    ).rejects.toMatchObject({ code: status.ALREADY_EXISTS });
  },
  TEST_MS_MAX,
);

test.each([
  ["subscription", "projects/test/subscriptions/ab", /3 to 255/],
  ["subscription", "projects/test/topics/subscription", /projects\/{project}\/subscriptions\/{id}/],
  ["snapshot", "projects/test/snapshots/1abc", /starts with a letter/],
  ["schema", "goog-schema", /goog/],
])(
  "the %s name %j is refused with what a name is",
  async (kind, name, says) => {
    const topic = await world.topic();
    const subscription = await world.subscription(topic);
    const type = "PROTOCOL_BUFFER" as const;
    const create = {
      subscription: () => world.subscriber.createSubscription({ name, topic }),
      snapshot: () => world.subscriber.createSnapshot({ name, subscription }),
      schema: () =>
        world.schemas.createSchema(
          { parent: world.project, schemaId: name, schema: { name: "", type, definition: EVENT } },
          {},
        ),
    };
    const [, call] = Object.entries(create).find(([each]) => each === kind) ?? [];
    await expectRefusal(Promise.resolve(call?.()), { code: INVALID, says });
  },
  TEST_MS_MAX,
);

const EVENT = 'syntax = "proto3"; message Event { string id = 1; }';

test.each([
  ["JSON", '{"id":"a","seat":"s"}', /no field seat/],
  ["BINARY", "\x0a\x01a\x22\x01s", /no field 4/],
] as const)(
  "a message in %s with a field that no revision of its schema has is refused, and the field is named",
  async (encoding, data, says) => {
    const schema = await world.schema(EVENT);
    const topic = await world.topic({ schemaSettings: { schema: schema.name, encoding } });
    await expectRefusal(world.publish(topic, [data]), { code: INVALID, says });
  },
  TEST_MS_MAX,
);

test.each([
  [["filter"], /filter, which cannot be changed/],
  [["no_such_field"], /no_such_field, which is not a field/],
  [[], /empty: name at least one field/],
])(
  "an update of the fields %j is refused with why, and changes nothing",
  async (paths, says) => {
    const topic = await world.topic();
    const name = await world.subscription(topic);
    const update = world.subscriber.updateSubscription({
      subscription: { name, ackDeadlineSeconds: 77, filter: "attributes:x" },
      updateMask: { paths },
    });
    await expectRefusal(update, { code: INVALID, says });
    const [after] = await world.subscriber.getSubscription({ subscription: name });
    expect([after.ackDeadlineSeconds, after.filter]).toEqual([10, ""]);
  },
  TEST_MS_MAX,
);

test(
  "a topic is made of what its request says, whatever fields it has besides",
  async () => {
    const name = world.name("topics");
    const unknownField = Buffer.from([0xf8, 0x07, 0x2a]);
    const request = Buffer.concat([Buffer.from([0x0a, name.length]), Buffer.from(name)]);
    await raw.createTopic(Buffer.concat([unknownField, request, unknownField]));
    const [topic] = await world.publisher.getTopic({ topic: name });
    expect(topic.name).toBe(name);
  },
  TEST_MS_MAX,
);
