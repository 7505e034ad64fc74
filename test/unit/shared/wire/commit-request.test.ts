import { protos } from "@google-cloud/spanner";
import { COMMIT_TIMESTAMP, encodeCommit } from "../../../../shared/wire/commit-request.ts";

const { CommitRequest } = protos.google.spanner.v1;

test("Spanner's own messages read back what was encoded; a table without rows is left out", () => {
  const bids = Uint8Array.from({ length: 600 }, (_, index) => index % 251);
  const bytes = encodeCommit("projects/p/sessions/s", [
    {
      table: "AuctionLog",
      columns: ["auction_id", "revision", "is_checkpoint", "bids", "committed_at"],
      rows: [
        ["größer", 7, false, bids, COMMIT_TIMESTAMP],
        ["b", 1, true, new Uint8Array(0), COMMIT_TIMESTAMP],
      ],
    },
    { table: "SegmentSlices", columns: ["shard"], rows: [] },
  ]);
  const text = (stringValue: string) => ({ stringValue });
  expect(CommitRequest.toObject(CommitRequest.decode(bytes))).toEqual({
    session: "projects/p/sessions/s",
    singleUseTransaction: { readWrite: {} },
    mutations: [
      {
        insert: {
          table: "AuctionLog",
          columns: ["auction_id", "revision", "is_checkpoint", "bids", "committed_at"],
          values: [
            {
              values: [
                text("größer"),
                text("7"),
                { boolValue: false },
                text(Buffer.from(bids).toString("base64")),
                text(COMMIT_TIMESTAMP),
              ],
            },
            {
              values: [text("b"), text("1"), { boolValue: true }, text(""), text(COMMIT_TIMESTAMP)],
            },
          ],
        },
      },
    ],
  });
});
