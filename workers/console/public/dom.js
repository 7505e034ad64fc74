/** Makes an element; attributes that are undefined are left out, children are nodes or texts. */
export function element(tag, attributes = {}, children = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Sets an element's text where it differs: what did not change is not drawn again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Keeps one row of a table body for each item, by key, in the order of the items: rows move, they are
 * not made anew, so that focus, selection and charts stay.
 */
export function keepRows(body, items, { keyOf, create, update }) {
  const rows = new Map([...body.children].map((row) => [row.dataset.key, row]));
  let place = body.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let row = rows.get(key);
    rows.delete(key);
    if (row === undefined) {
      row = create(item);
      row.dataset.key = key;
    }
    if (row === place) place = place.nextElementSibling;
    else body.insertBefore(row, place);
    update(row, item);
  }
  for (const row of rows.values()) row.remove();
}
