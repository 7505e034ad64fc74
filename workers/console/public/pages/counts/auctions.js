import { sparkline } from "../../charts.js";
import { element, keepRows, setText } from "../../dom.js";
import { formatCount, formatMinute, formatPrices } from "../../format.js";
import { tokenOf } from "./regions-of.js";

const columns = ["Auction", "Region", "Bids", "Newest", "Windows", "Lowest", "Highest", "State"];

/** The auctions with most bids in the windows shown; an id opens the auction above. */
export function drawAuctions(feed) {
  const body = element("tbody");
  const span = element("p", {}, [""]);
  const charts = new WeakMap();
  const create = ({ auctionId, region }) => {
    const cells = columns.map(() => element("td"));
    const open = element("button", { type: "button", class: "id", title: auctionId }, [auctionId]);
    open.addEventListener("click", () => feed.seek(auctionId));
    cells[0].append(open);
    cells[1].append(
      element("span", { class: "key", "data-token": tokenOf(region).slice(2) }, [region]),
    );
    cells[4].append(element("div", { class: "spark" }));
    return element("tr", {}, cells);
  };
  const update = (row, { region, bids, counts, priceMin, priceMax, open }) => {
    const cells = row.children;
    setText(cells[2], formatCount(bids));
    setText(cells[3], formatCount(counts.at(-1)));
    if (!charts.has(row)) charts.set(row, sparkline(cells[4].firstChild, tokenOf(region)));
    charts.get(row).set(counts);
    setText(cells[5], priceMin);
    setText(cells[6], priceMax);
    setText(cells[7], open === 0 ? "final" : `${open} open`);
  };
  feed.on("auctions", ({ windowS, startsMs, rows }) => {
    const from = formatMinute(startsMs[0]);
    const to = formatMinute(startsMs.at(-1) + windowS * 1000);
    setText(span, `windows of ${windowS} s, ${from} to ${to} UTC, from BigQuery`);
    const lowest = formatPrices(rows.map(({ priceMin }) => priceMin));
    const highest = formatPrices(rows.map(({ priceMax }) => priceMax));
    const priced = rows.map((row, index) => ({
      ...row,
      priceMin: lowest[index],
      priceMax: highest[index],
    }));
    keepRows(body, priced, { keyOf: ({ auctionId }) => auctionId, create, update });
  });
  const head = columns.map((name) => element("th", { scope: "col" }, [name]));
  return element("section", { class: "panel", "data-from": "BigQuery" }, [
    element("header", {}, [element("h2", {}, ["Top auctions"]), span]),
    element(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Top auctions" },
      [
        element("table", { class: "auctions" }, [
          element("thead", {}, [element("tr", {}, head)]),
          body,
        ]),
      ],
    ),
  ]);
}
