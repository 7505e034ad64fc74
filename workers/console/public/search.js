import { element } from "./dom.js";

/**
 * The field that asks the feed about one thing by its id; `feed.seek(id)` asks from elsewhere on the page.
 * `/` goes to the field, Escape closes what was found; `close` is called before each question.
 */
export function drawSearch(feed, { label, placeholder, close }) {
  const field = element("input", {
    type: "search",
    id: "sought",
    placeholder,
    maxlength: "128",
    autocomplete: "off",
    spellcheck: "false",
    "aria-keyshortcuts": "/",
  });
  const form = element("form", { role: "search", class: "search" }, [
    element("label", { for: "sought" }, [label]),
    field,
    element("button", { type: "submit" }, ["Show"]),
  ]);
  const seek = (id) => {
    field.value = id;
    close();
    const search = id === "" ? "" : `?about=${encodeURIComponent(id)}`;
    history.replaceState(null, "", `${location.pathname}${search}`);
    feed.ask(id);
  };
  feed.seek = (id) => {
    seek(id);
    form.scrollIntoView({ block: "nearest" });
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    seek(field.value.trim());
  });
  field.addEventListener("input", () => {
    if (field.value === "") seek("");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.matches("input, textarea, select")) {
      event.preventDefault();
      field.focus();
    }
    if (event.key === "Escape" && field.value !== "") seek("");
  });
  field.value = new URLSearchParams(location.search).get("about") ?? "";
  return { form, asked: () => field.value.trim() };
}
