import { formatAmounts } from "../../decimals.js";
import { formatDateTime } from "../../format.js";
import { drawTable, idButton } from "../../table.js";

/** Why a bid is disputed, in words. */
export const disputeReasons = {
  conflictingNotice: "one notice with two amounts",
  mixedCurrency: "more than one currency",
  mixedSeat: "more than one seat",
  challenged: "challenged",
  afterWriteOff: "billed after its write-off",
  tooManyClaims: "too many notices",
};

const columns = ["Bid", "Seat", { name: "At stake", kind: "number" }, "", "Why", "Since"];

/** Bids that wait for a person; an id opens its evidence above. */
export function drawDisputes(feed) {
  const { panel, note, show } = drawTable({
    title: "Disputes",
    from: "Spanner",
    columns,
    className: "disputes",
    whenEmpty: "No dispute is open.",
  });
  feed.on("disputes", ({ rows, most }) => {
    note.replaceChildren(
      rows.length === most ? `the first ${most} by seat: gavel dispute list shows all` : "",
    );
    const atStake = formatAmounts(rows.map((row) => row.at_stake));
    show(
      rows.map((row, index) => [
        idButton(row.bid_id, () => feed.seek(row.bid_id)),
        row.seat,
        atStake[index],
        row.currency,
        row.reasons.map((reason) => disputeReasons[reason] ?? reason).join(", "),
        formatDateTime(Date.parse(row.committed_at)),
      ]),
    );
  });
  return panel;
}
