import { element } from "../dom.js";
import { drawProblems } from "../problems.js";
import { drawAging } from "./finance/aging.js";
import { drawBalances } from "./finance/balances.js";
import { drawBreaches } from "./finance/breaches.js";
import { drawDiscrepancies } from "./finance/discrepancies.js";
import { drawDisputes } from "./finance/disputes.js";
import { drawFigures } from "./finance/figures.js";
import { drawStates } from "./finance/states.js";
import { drawStory } from "./finance/story.js";

/** Money. Each section draws itself from the parts of the feed that it names. */
export function mount(main, feed) {
  main.replaceChildren(
    drawProblems(feed, ["BigQuery", "Spanner ledger", "bid stories"]),
    drawFigures(feed),
    element("div", { class: "pair money" }, [drawStates(feed), drawBalances(feed)]),
    drawStory(feed),
    drawDisputes(feed),
    drawBreaches(feed),
    drawDiscrepancies(feed),
    drawAging(feed),
  );
}
