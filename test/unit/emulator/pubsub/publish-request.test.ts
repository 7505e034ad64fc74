import { serviceOf } from "../../../../emulator/grpc/proto-services.ts";
import { readAttributes, readPublishRequest } from "../../../../emulator/pubsub/publish-request.ts";

const publisher = serviceOf("@google-cloud/pubsub", "google.pubsub.v1.Publisher");

interface Message {
  readonly data?: Buffer;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly orderingKey?: string;
}

const TOPIC = "projects/p/topics/t";
const data = Buffer.from("data");
const long = (count: number): string => "x".repeat(count);
const attributesOf = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, "value"]));

function encoded(messages: readonly Message[]): Buffer {
  const bytes = publisher["Publish"]?.requestSerialize({ topic: TOPIC, messages });
  if (bytes === undefined) throw new Error("the protos have no Publish");
  return bytes;
}

test.each<[string, Message]>([
  ["100 attributes", { attributes: attributesOf(100) }],
  ["the longest key and value", { attributes: { [long(256)]: long(1024) } }],
  ["a key that begins almost as Google's do", { attributes: { goo: "1", gooG: "2", good: "3" } }],
  ["no data but an attribute", { attributes: { a: "" } }],
  ["the longest ordering key", { data, orderingKey: long(1024) }],
])("%s is taken", (_, message) => {
  const request = readPublishRequest(encoded([{ data, ...message }, message]));
  expect(request).toMatchObject({ topic: TOPIC, orderingKey: message.orderingKey ?? "" });
  const read = request.messages.map((each) => Object.fromEntries(readAttributes(each)));
  expect(read).toEqual([message.attributes ?? {}, message.attributes ?? {}]);
});

test.each<[string, readonly Message[], RegExp]>([
  ["no message", [], /has no messages/],
  ["an empty message", [{ data }, {}], /Message 1 is empty/],
  ["101 attributes", [{ attributes: attributesOf(101) }], /has 101 attributes; .* at most 100/],
  ["an attribute without a key", [{ attributes: { "": "value" } }], /key of 0 bytes/],
  ["a key of 257 bytes", [{ attributes: { [long(257)]: "" } }], /key of 257 bytes/],
  ["a value of 1,025 bytes", [{ attributes: { a: long(1025) } }], /value of 1025 bytes/],
  ["the key goog", [{ attributes: { goog: "" } }], /"goog": keys must not start with "goog"/],
  ["a key of Google's", [{ attributes: { googclient: "" } }], /"googclient"/],
  ["an ordering key of 1,025 bytes", [{ data, orderingKey: long(1025) }], /key has 1025 bytes/],
  [
    "two ordering keys of the same length",
    [
      { data, orderingKey: "seat-1" },
      { data, orderingKey: "seat-2" },
    ],
    /has "seat-1" and "seat-2"/,
  ],
  [
    "an ordering key that begins another",
    [
      { data, orderingKey: "seat" },
      { data, orderingKey: "seat-2" },
    ],
    /has "seat" and "seat-2"/,
  ],
  [
    "a message without the others' ordering key",
    [{ data, orderingKey: "seat" }, { data }],
    /"seat" and ""/,
  ],
  ["1,001 messages", Array.from({ length: 1001 }, () => ({ data })), /has 1001 messages; .* 1000/],
])("%s is refused", (_, messages, says) => {
  expect(() => readPublishRequest(encoded(messages))).toThrow(says);
});
