import { element } from "./dom.js";

/**
 * A titled table. A column is its name, or `{ name, kind }` with kind `number` (right-aligned) or `wide`
 * (its text wraps). `note` stands beside the title; `show(rows)` sets the rows, each an array of cells
 * (texts or nodes), or `{ cells, kind }` with the class of the row.
 */
export function drawTable({ title, from, columns, className = "", whenEmpty }) {
  const kinds = columns.map(({ kind }) => kind);
  const body = element("tbody");
  const note = element("p");
  const empty = element("p", { class: "empty", hidden: "" }, [whenEmpty]);
  const head = columns.map((column) =>
    element("th", { scope: "col", class: column.kind }, [column.name ?? column]),
  );
  const table = element("table", { class: className, hidden: "" }, [
    element("thead", {}, [element("tr", {}, head)]),
    body,
  ]);
  const region = { class: "scroll", tabindex: "0", role: "region", "aria-label": title };
  const panel = element("section", { class: "panel", "data-from": from }, [
    element("header", {}, [element("h2", {}, [title]), note]),
    element("div", region, [table]),
    empty,
  ]);
  const show = (rows) => {
    table.hidden = rows.length === 0;
    empty.hidden = rows.length > 0;
    body.replaceChildren(
      ...rows.map((row) => {
        const cells = (row.cells ?? row).map((cell, index) =>
          element("td", { class: kinds[index] }, [cell]),
        );
        return element("tr", { class: row.kind }, cells);
      }),
    );
  };
  return { panel, note, show };
}

/** An id that opens what it names. */
export function idButton(id, open) {
  const button = element("button", { type: "button", class: "id", title: id }, [id]);
  button.addEventListener("click", open);
  return button;
}
