import { element } from "../../dom.js";
import { formatCount } from "../../format.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 56;
/** Of more currencies than this, those of most bids are shown. */
const CURRENCIES_SHOWN = 2;
const SLOT = 10;

/** Prices of the span over as long a time before, by currency, in bars of equal ratio. */
export function drawHistogram(prices) {
  const charts = [...Map.groupBy(prices, ({ currency }) => currency)]
    .map(([currency, bars]) => ({ currency, bars, bids: sumOf(bars) }))
    .toSorted((a, b) => b.bids - a.bids)
    .slice(0, CURRENCIES_SHOWN)
    .map(({ currency, bars }) => drawBars(currency, bars));
  const empty = element("p", { class: "empty" }, ["No priced bid in the archive yet."]);
  return element("section", {}, [
    element("h3", {}, ["Prices"]),
    element("p", { class: "legend" }, [
      element("span", { class: "key flagged" }, ["span"]),
      element("span", { class: "key before" }, ["before"]),
    ]),
    ...(charts.length === 0 ? [empty] : charts),
  ]);
}

function drawBars(currency, bars) {
  const most = Math.max(1, ...bars.flatMap(({ bids, bidsBefore }) => [bids, bidsBefore]));
  const lowest = bars[0].from;
  // Bars that hold no bid have no row: each stands where its price does.
  const doublings = Math.log2(bars[0].to / lowest);
  const slotOf = (from) => Math.round(Math.log2(from / lowest) / doublings);
  const slots = slotOf(bars.at(-1).from) + 1;
  const svg = svgElement("svg", {
    viewBox: `0 0 ${slots * SLOT} ${HEIGHT}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": `Prices in ${currency}`,
  });
  for (const { from, to, bids, bidsBefore } of bars) {
    const group = svgElement("g", {});
    const title = svgElement("title", {});
    title.textContent = `${priceText(from)} to ${priceText(to)} ${currency}: ${formatCount(bids)} bids, ${formatCount(bidsBefore)} before`;
    group.append(
      title,
      bar(slotOf(from) * SLOT + 1, bidsBefore / most, "before"),
      bar(slotOf(from) * SLOT + 5, bids / most, "flagged"),
    );
    svg.append(group);
  }
  return element("figure", {}, [
    svg,
    element("figcaption", {}, [
      element("span", {}, [priceText(lowest)]),
      element("span", {}, [currency]),
      element("span", {}, [priceText(bars.at(-1).to)]),
    ]),
  ]);
}

function bar(x, share, name) {
  const height = share * (HEIGHT - 2);
  return svgElement("rect", { x, y: HEIGHT - height, width: 4, height, class: name });
}

function svgElement(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, `${value}`);
  return made;
}

function sumOf(bars) {
  return bars.reduce((sum, { bids }) => sum + bids, 0);
}

/** Three figures that matter. */
function priceText(price) {
  return price
    .toPrecision(3)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");
}
