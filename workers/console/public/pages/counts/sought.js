import { sparkline } from "../../charts.js";
import { element } from "../../dom.js";
import { formatCount, formatMinute, formatPrices } from "../../format.js";
import { drawSearch } from "../../search.js";
import { tokenOf } from "./regions-of.js";

/** Windows in the chart. */
const SLOTS = 30;

/** One auction by its id: all its newest windows. `/` goes to the field, Escape closes the auction. */
export function drawSought(feed) {
  const found = element("div", { class: "found", "aria-live": "polite" });
  let chart;
  const close = () => {
    chart?.destroy();
    chart = undefined;
    found.replaceChildren();
  };
  const { form, asked } = drawSearch(feed, {
    label: "Find auction",
    placeholder: "Auction id",
    close,
  });
  feed.on("soughtTooMany", (most) => {
    found.replaceChildren(`${most} auctions are being looked up for other browsers: try later.`);
  });
  feed.on("sought", ({ auctionId, region, windowS, windows }) => {
    if (auctionId !== asked()) return;
    if (windows.length === 0) {
      close();
      found.replaceChildren(
        element("p", {}, [`No bid of auction "${auctionId}" has been counted.`]),
      );
      return;
    }
    if (chart === undefined) {
      const place = element("div", { class: "chart small" });
      found.replaceChildren(place, element("div", { class: "scroll tall", tabindex: "0" }));
      chart = sparkline(place, tokenOf(region));
    }
    chart.set(seriesOf(windows, windowS * 1000));
    found.lastChild.replaceChildren(tableOf(windows, windowS));
  });
  return element("section", { class: "panel", "data-from": "BigQuery" }, [form, found]);
}

/** Bids of each window up to the newest one, 0 where the auction had none. */
function seriesOf(windows, windowMs) {
  const newestMs = windows.at(-1).startMs;
  const series = Array(SLOTS).fill(0);
  for (const { startMs, bids } of windows) {
    const slot = SLOTS - 1 - (newestMs - startMs) / windowMs;
    if (slot >= 0) series[slot] = bids;
  }
  return series;
}

function tableOf(windows, windowS) {
  const lowest = formatPrices(windows.map(({ priceMin }) => priceMin));
  const highest = formatPrices(windows.map(({ priceMax }) => priceMax));
  const head = ["Window", "Bids", "Lowest", "Highest", "State"].map((name) =>
    element("th", { scope: "col" }, [name]),
  );
  const total = windows.reduce((sum, { bids }) => sum + bids, 0);
  const rows = windows.map(({ startMs, bids, isFinal }, index) =>
    element("tr", {}, [
      element("td", {}, [`${formatMinute(startMs)} – ${formatMinute(startMs + windowS * 1000)}`]),
      element("td", {}, [formatCount(bids)]),
      element("td", {}, [lowest[index]]),
      element("td", {}, [highest[index]]),
      element("td", {}, [isFinal ? "final" : "open"]),
    ]),
  );
  return element("table", { class: "windows" }, [
    element("caption", {}, [`Bids in the windows below: ${formatCount(total)}`]),
    element("thead", {}, [element("tr", {}, head)]),
    element("tbody", {}, rows.reverse()),
  ]);
}
