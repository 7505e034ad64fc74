import { element } from "../../dom.js";
import { formatCount, formatTime } from "../../format.js";

/** What could not be counted: how many of each reason, and the newest whole. */
export function drawDeadLetters(feed) {
  const reasons = element("p", {}, ["none"]);
  const body = element("tbody");
  const table = element("table", { class: "letters", hidden: "" }, [
    element("thead", {}, [
      element(
        "tr",
        {},
        ["Published", "Reason", "What is wrong, and how to mend it", "Message"].map((name) =>
          element("th", { scope: "col" }, [name]),
        ),
      ),
    ]),
    body,
  ]);
  feed.on("deadLetters", ({ byReason, newest }) => {
    reasons.textContent =
      byReason.length === 0
        ? "none"
        : byReason.map(({ reason, count }) => `${reason} ${formatCount(count)}`).join(" · ");
    table.hidden = newest.length === 0;
    body.replaceChildren(
      ...newest.map(({ messageId, subscription, reason, detail, failedAtMs }) =>
        element("tr", {}, [
          element("td", {}, [formatTime(failedAtMs)]),
          element("td", {}, [reason]),
          element("td", { class: "wide" }, [detail]),
          element("td", { title: subscription }, [messageId]),
        ]),
      ),
    );
  });
  return element("section", { class: "panel", "data-from": "BigQuery" }, [
    element("header", {}, [element("h2", {}, ["Dead letters"]), reasons]),
    element(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Dead letters" },
      [table],
    ),
  ]);
}
