import type { AuctionEvent } from "../auction/event.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { Settlement } from "./settlement.ts";

/** One way in which the archive, the ledger and the warehouse disagree about a bid. */
export interface Difference {
  readonly kind: /** A notice of the archive that the ledger does not hold, and the other way round. */
    | "missingInLedger"
    | "missingInArchive"
    /** The archive holds no bid for a win, or one with a lower price. */
    | "winWithoutBid"
    | "winAboveBid"
    /** A settlement or entry line that BigQuery lacks, has beside the ledger's, or tells otherwise. */
    | "missingInWarehouse"
    | "unknownInWarehouse"
    | "differsInWarehouse";
  readonly bidId: string;
  /** The claim, entry or row at fault. */
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
}

/** A row of BigQuery by column name, amounts as decimals, times RFC 3339 with six decimals. */
export type WarehouseRow = Readonly<Record<string, string | number | null>>;

/** An event of the archive, with the time at which Pub/Sub took it, microseconds since the Unix epoch. */
export interface ArchivedNotice {
  readonly event: AuctionEvent;
  readonly publishTimeUs: number;
}

/** What the three places hold of one bid; the ledger as it stood after the other two were read. */
export interface BidInThreePlaces {
  readonly bidId: string;
  /** Events of the archive, repeats included; those that were dead letters left out. */
  readonly archived: readonly ArchivedNotice[];
  readonly ledger:
    | {
        readonly settlement: Settlement;
        /** When its newest version was committed, microseconds since the Unix epoch. */
        readonly committedUs: number;
        /** When Pub/Sub took each claim's event, by claim. */
        readonly publishedUs: ReadonlyMap<string, number>;
        readonly entries: readonly { readonly entry: LedgerEntry; readonly committedUs: number }[];
      }
    | undefined;
  readonly warehouse: {
    readonly settlements: readonly WarehouseRow[];
    readonly lines: readonly WarehouseRow[];
  };
}

/** What is wrong with one notice or row, and since when the other places could have had it. */
export interface Finding {
  readonly sinceUs: number;
  readonly differences: readonly Difference[];
}

/** Of what no delay explains. */
export const ALWAYS = 0;
