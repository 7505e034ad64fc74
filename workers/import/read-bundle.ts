import type { AuctionEvent, Region } from "../../shared/core/auction/event.ts";
import { refuseFuture } from "../../shared/core/auction/future-skew.ts";
import type { Refusal } from "../../shared/core/auction/refusal.ts";
import { claimEvent } from "../../shared/core/ingest/claim-event.ts";
import { refuseUnserved } from "../../shared/core/ingest/refuse-unserved.ts";
import type { RequestFault } from "../../shared/core/ingest/request-fault.ts";
import { isRefusal } from "../../shared/core/ingest/result-document.ts";
import { type PoisonMessage, refusalDetail } from "../../shared/io/dead-letter.ts";
import type { PulledBundle } from "../../shared/io/pull-stream.ts";
import type { PulledMessages } from "../../shared/wire/pull-response.ts";
import { readEventsBody } from "../../shared/wire/read-events-body.ts";

/** How the events of one stream are read. */
export interface ImportRules {
  /** The stream's name: what its events are marked with, whatever they say. */
  readonly source: string;
  /** Every stream's name: none speaks for another's bids. */
  readonly sources: ReadonlySet<string>;
  readonly defaultRegion: Region;
  readonly regions: readonly Region[];
}

export interface ReadBundle {
  readonly events: readonly AuctionEvent[];
  readonly poison: readonly PoisonMessage[];
}

/**
 * Reads an exchange's own messages: each one event of the JSON log form, or an array of them. Of a message
 * with events that are refused the others are taken; the message is kept whole, with what was wrong.
 */
export function readBundle(bundle: PulledBundle, rules: ImportRules): ReadBundle {
  const events: AuctionEvent[] = [];
  const poison: PoisonMessage[] = [];
  for (const messages of bundle.responses) {
    for (let index = 0; index < messages.count; index++) {
      const read = readMessage(messages, index, rules);
      if ("mend" in read) {
        poison.push({ messages, index, reason: read.reason, detail: read.mend });
        continue;
      }
      events.push(...read.filter((event): event is AuctionEvent => !isRefusal(event)));
      const refused = read.filter(isRefusal);
      const [first] = refused;
      if (first === undefined) continue;
      const detail = `${refused.length} of ${read.length} events refused: ${refusalDetail(first)}`;
      poison.push({ messages, index, reason: first.reason, detail });
    }
  }
  return { events, poison };
}

function readMessage(
  messages: PulledMessages,
  index: number,
  { source, sources, defaultRegion, regions }: ImportRules,
): readonly (AuctionEvent | Refusal)[] | RequestFault {
  const body = messages.bytes.subarray(messages.data[2 * index], messages.data[2 * index + 1]);
  const read = readEventsBody("json", body, { defaultRegion });
  if ("kind" in read) return read;
  const publishTimeMs = messages.publishTimeMs[index] ?? 0;
  return read.map((event) =>
    refuseFuture(refuseUnserved(claimEvent(event, source, sources), regions), publishTimeMs),
  );
}
