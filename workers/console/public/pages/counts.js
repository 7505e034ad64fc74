import { element } from "../dom.js";
import { drawProblems } from "../problems.js";
import { drawAuctions } from "./counts/auctions.js";
import { drawDeadLetters } from "./counts/dead-letters.js";
import { drawFigures } from "./counts/figures.js";
import { drawRates } from "./counts/rates.js";
import { drawRegions } from "./counts/regions.js";
import { regions } from "./counts/regions-of.js";
import { drawSought } from "./counts/sought.js";

const sources = [
  ...["BigQuery", "BigQuery totals"],
  ...regions.map(({ name }) => `Spanner ${name}`),
  ...regions.map(({ name }) => `worker window-${name}`),
];

/** Live counts. Each section draws itself from the parts of the feed that it names. */
export function mount(main, feed) {
  main.replaceChildren(
    drawProblems(feed, sources),
    drawFigures(feed),
    element("div", { class: "pair" }, [drawRates(feed), drawRegions(feed)]),
    drawSought(feed),
    drawAuctions(feed),
    drawDeadLetters(feed),
  );
}
