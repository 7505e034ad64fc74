import { element, setText } from "../../dom.js";
import { formatCount, formatMinute, formatSpan, formatTime } from "../../format.js";
import { regions } from "./regions-of.js";

const columns = ["Region", "State", "Events/s", "Behind", "Watermark", "Held by", "Open", "Final"];
const meanings = {
  live: "Events are coming in",
  silent: "No event for a while, and none known to wait",
  dark: "Cut off: nothing is posted; its windows stay open",
  idle: "Every ordering key is idle, and nothing waits",
  unknown: "Nothing of this region was ever counted",
};

/** How far each region has been counted, and what holds it. */
export function drawRegions(feed) {
  const cells = new Map();
  const rows = regions.map(({ name, token }) => {
    const made = columns.slice(1).map(() => element("td", {}, ["–"]));
    cells.set(name, made);
    const key = element("span", { class: "key", "data-token": token.slice(2) }, [name]);
    return element("tr", {}, [element("th", { scope: "row" }, [key]), ...made]);
  });
  const put = (region, column, text) => {
    const cell = cells.get(region)?.[columns.indexOf(column) - 1];
    if (cell !== undefined) setText(cell, text);
    return cell;
  };
  for (const { name } of regions) {
    feed.on(`region:${name}`, ({ state, watermarkMs, behindMs, heldBy, newestEventMs }) => {
      put(name, "Watermark", watermarkMs === null ? "–" : formatTime(watermarkMs));
      put(name, "Behind", behindMs === null ? "–" : formatSpan(behindMs));
      put(name, "Held by", heldBy === "" ? "–" : heldBy);
      const cell = put(name, "State", state);
      cell.dataset.state = state;
      const since = newestEventMs === null ? "" : `; newest event ${formatTime(newestEventMs)}`;
      cell.title = `${meanings[state]}${since}`;
    });
  }
  feed.on("windows", (windows) => {
    for (const { region, open, final, oldestOpenMs } of windows) {
      const cell = put(region, "Open", formatCount(open));
      cell.title = oldestOpenMs === null ? "" : `the earliest from ${formatMinute(oldestOpenMs)}`;
      put(region, "Final", formatCount(final));
    }
  });
  feed.on("rates", ([, ...perSecond]) => {
    for (const [index, { name }] of regions.entries()) {
      put(name, "Events/s", formatCount(perSecond[index]));
    }
  });
  const head = columns.map((name) => element("th", { scope: "col" }, [name]));
  return element("section", { class: "panel", "data-from": "Spanner" }, [
    element("header", {}, [element("h2", {}, ["Regions"]), element("p", {}, ["times in UTC"])]),
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Regions" }, [
      element("table", { class: "regions" }, [
        element("thead", {}, [element("tr", {}, head)]),
        element("tbody", {}, rows),
      ]),
    ]),
  ]);
}
