import { element, keepRows, setText } from "../../dom.js";
import { formatCount, formatTime } from "../../format.js";
import { reviewText, timesText } from "./review-text.js";

/** Going through the queue with a key held down asks for the flag where it comes to rest. */
const ASK_AFTER_MS = 150;

/** What waits for a person, above what was decided last. `show` is given the flag that is chosen. */
export function drawQueue(feed, show) {
  const list = element("ol", { class: "queue" });
  const note = element("p");
  const empty = element("p", { class: "empty" }, ["No flag waits for review."]);
  let records = [];
  let chosen = new URLSearchParams(location.search).get("about") ?? "";
  let asking;
  /** Where the chosen flag stands, or stood before it was decided on. */
  let place = 0;
  const chosenRecord = () => records.find(({ flagId }) => flagId === chosen);
  const draw = () => {
    const update = (row, record) => updateRow(row, record, record.flagId === chosen);
    const at = records.findIndex(({ flagId }) => flagId === chosen);
    if (at >= 0 && !isDecided(records[at])) place = at;
    const create = ({ flagId }) => createRow(() => choose(flagId));
    keepRows(list, records, { keyOf: ({ flagId }) => flagId, create, update });
    show(chosenRecord());
  };
  const choose = (flagId) => {
    if (flagId === undefined) return;
    chosen = flagId;
    place = records.findIndex((record) => record.flagId === flagId);
    draw();
    list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    history.replaceState(null, "", `${location.pathname}?about=${encodeURIComponent(flagId)}`);
    clearTimeout(asking);
    asking = setTimeout(() => feed.ask(flagId), ASK_AFTER_MS);
  };
  const step = (by) => {
    const at = records.findIndex(({ flagId }) => flagId === chosen);
    // A flag that was decided on moves down: the next is the one that stands in its place.
    const from = at > place && isDecided(records[at]) ? place - (by > 0 ? 1 : 0) : at;
    const to = Math.min(records.length - 1, Math.max(0, from + by));
    if (to !== at) choose(records[to]?.flagId);
  };
  /** Takes a flag as it stands after what was done to it, before the feed tells. */
  const take = (record) => {
    records = records.map((each) => (isNewer(record, each) ? record : each));
    draw();
  };
  feed.on("queue", ({ waiting, decided, most }) => {
    const known = new Map(records.map((record) => [record.flagId, record]));
    records = [...waiting, ...decided].map((record) => {
      const before = known.get(record.flagId);
      return before !== undefined && before.version > record.version ? before : record;
    });
    empty.hidden = waiting.length > 0;
    const count = waiting.length === most ? `${most}+` : formatCount(waiting.length);
    setText(note, `${count} to review`);
    if (chosen === "" && records.length > 0) choose(records[0].flagId);
    else draw();
  });
  feed.on("flag", ({ record }) => {
    if (record === null || record.flagId !== chosen) return;
    if (chosenRecord() === undefined) show(record);
    else take(record);
  });
  const panel = element("section", { class: "panel", "data-from": "Spanner" }, [
    element("header", {}, [element("h2", {}, ["Flags"]), note]),
    empty,
    element("div", { class: "tray" }, [list]),
  ]);
  return { panel, step, take };
}

function isDecided({ review }) {
  return review.state === "confirmed" || review.state === "dismissed";
}

function isNewer(record, each) {
  return record.flagId === each.flagId && record.version >= each.version;
}

function createRow(open) {
  const names = ["segment", "times", "reason", "when", "stands"];
  const parts = names.map((name) => element("span", { class: name }));
  const button = element("button", { type: "button" }, parts);
  button.addEventListener("click", open);
  return element("li", {}, [button]);
}

function updateRow(row, { flag, isClosed, review }, isChosen) {
  const button = row.firstChild;
  row.dataset.severity = flag.severity;
  row.dataset.state = review.state;
  if (isChosen) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
  const texts = [
    flag.segment,
    timesText(flag),
    flag.reasons[0]?.says ?? "",
    `${formatTime(flag.startMs)}${isClosed ? "" : ", goes on"}`,
    reviewText(review),
  ];
  for (const [index, text] of texts.entries()) setText(button.children[index], text);
}
