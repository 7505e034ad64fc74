import { MessageLog } from "./message-log.ts";
import type { SnapshotResource } from "./resources.ts";
import type { StoredMessage } from "./stored-message.ts";

/** What a subscription had not acked at one moment, and all that was published to the topic since. */
export interface Snapshot {
  resource: SnapshotResource;
  readonly unacked: readonly StoredMessage[];
  readonly later: MessageLog;
}

export function createSnapshot(
  resource: SnapshotResource,
  unacked: readonly StoredMessage[],
): Snapshot {
  return { resource, unacked, later: new MessageLog() };
}
