import { readResolution } from "../../../../../workers/console/finance/read-resolution.ts";

const sound = {
  bidId: "b1",
  version: 3,
  resolutionId: "54a7c7d3-ad5f-491f-a779-90a6085c5406",
  choice: "accept",
  accept: ["USD|1|2|s1|win:b1"],
  reject: ["USD|2|2|s1|win:b1"],
  reason: " the seat agreed ",
};

test("what the page sends becomes a person's decision on the version that the person saw", () => {
  expect(readResolution(sound, "ann", 1_700_000_000_000)).toEqual({
    bidId: "b1",
    version: 3,
    request: {
      resolutionId: sound.resolutionId,
      by: "ann",
      reason: "the seat agreed",
      eventTimeUs: 1_700_000_000_000_000,
      choice: "accept",
      accept: sound.accept,
      reject: sound.reject,
    },
  });
});

test.each<[string, object, RegExp]>([
  ["no bid", { bidId: "" }, /^bidId: /],
  ["a version that is none", { version: 1.5 }, /^version: /],
  ["an id that is no UUID", { resolutionId: "1" }, /^resolutionId: /],
  ["a choice that is none", { choice: "forgive" }, /^choice: /],
  ["nothing that stands", { accept: [] }, /^Say which claims stand/],
  ["a write-off that accepts", { choice: "writeOff" }, /^No claim stands in a write-off/],
  ["a claim both ways", { reject: sound.accept }, /cannot stand and not stand/],
  ["claims that are no texts", { reject: [1] }, /^reject: /],
  ["claims that are no list", { accept: "all" }, /^accept: /],
  ["no reason", { reason: "  " }, /^Say why/],
  ["a reason without end", { reason: "x".repeat(1025) }, /^Say why/],
])("%s is refused, with how to mend it", (_kind, fault, says) => {
  expect(() => readResolution({ ...sound, ...fault }, "ann", 0)).toThrow(says);
});
