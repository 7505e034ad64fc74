import { formatAmounts } from "../../decimals.js";
import { element } from "../../dom.js";
import { formatInstant, formatSpan } from "../../format.js";
import { drawSearch } from "../../search.js";
import { disputeReasons } from "./disputes.js";
import { drawResolution } from "./resolution.js";
import { stateMark } from "./state-mark.js";

/** One bid by its id: where its money stands, its claims, and all that happened to it, in order. */
export function drawStory(feed) {
  const found = element("div", { class: "found", "aria-live": "polite" });
  let shown;
  const close = () => {
    shown = undefined;
    found.replaceChildren();
  };
  const { form, asked } = drawSearch(feed, { label: "Find bid", placeholder: "Bid id", close });
  feed.on("soughtTooMany", (most) => {
    found.replaceChildren(`${most} bids are being looked up for other browsers: try later.`);
  });
  feed.on("story", (story) => {
    if (story.bidId !== asked()) return;
    const moments = drawMoments(story);
    const version = story.settlement?.version;
    // What a person is writing stays while the bid does.
    if (shown?.version === version && shown !== undefined) shown.moments.replaceWith(moments);
    else found.replaceChildren(...sectionsOf(story), moments);
    shown = { version, moments };
  });
  return element("section", { class: "panel", "data-from": "BigQuery" }, [form, found]);
}

function sectionsOf({ bidId, isKnown, settlement, claims }) {
  if (!isKnown) {
    const said = `Neither the ledger nor the archive of events holds a bid "${bidId}"; ids are case-sensitive.`;
    return [element("p", {}, [said])];
  }
  if (settlement === null) {
    return [element("p", {}, ["Nothing about this bid's money has been settled."])];
  }
  const { state, disputeReasons: reasons, version } = settlement;
  const isDisputed = state === "disputed";
  return [
    drawFacts(settlement),
    ...(isDisputed ? [drawReasons(reasons)] : []),
    drawResolution({ bidId, version, claims, isDisputed }),
  ];
}

function drawFacts({ state, seat, region, currency, auctionId, version, ...amounts }) {
  const names = ["won", "billed", "owed", "paid"];
  const texts = formatAmounts(names.map((name) => amounts[name]));
  const facts = [
    ["State", stateMark(state)],
    ...names.map((name, index) => [
      `${name[0].toUpperCase()}${name.slice(1)}`,
      texts[index] === "–" ? "–" : `${texts[index]} ${currency}`,
    ]),
    ["Seat", seat === "" ? "unknown" : seat],
    ["Region", element("span", { class: "key", "data-token": region }, [region])],
    ["Auction", auctionId],
    ["Version", `${version}`],
  ];
  return element(
    "dl",
    { class: "facts" },
    facts.map(([name, value]) =>
      element("div", {}, [element("dt", {}, [name]), element("dd", {}, [value])]),
    ),
  );
}

function drawReasons(reasons) {
  const said = reasons.map((reason) => disputeReasons[reason] ?? reason).join(", ");
  return element("p", { class: "why" }, [
    `Disputed: ${said}. Nothing is posted until a person resolves it.`,
  ]);
}

function drawMoments({ moments }) {
  const head = ["Time, UTC", "After", "What", "Region", ""].map((name) =>
    element("th", { scope: "col" }, [name]),
  );
  const rows = moments.map(({ atMs, delayMs, kind, region, said }) =>
    element("tr", { "data-kind": kind }, [
      element("td", {}, [formatInstant(atMs)]),
      element("td", { class: "number" }, [
        delayMs === null ? "" : formatSpan(Math.max(0, delayMs)),
      ]),
      element("td", {}, [kind]),
      element("td", {}, [region]),
      element("td", { class: "wide" }, [said]),
    ]),
  );
  const table = element("table", { class: "moments", ...(rows.length === 0 && { hidden: "" }) }, [
    element("caption", {}, ["Events, entries and decisions, in order"]),
    element("thead", {}, [element("tr", {}, head)]),
    element("tbody", {}, rows),
  ]);
  return element("div", { class: "scroll", tabindex: "0", "aria-label": "Story" }, [table]);
}
