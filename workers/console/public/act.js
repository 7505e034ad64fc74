import { element } from "./dom.js";

/**
 * Asks the console to do something; gives whether it was done, what it says about it, and the rest of
 * its answer.
 */
export async function act(page, action, fields) {
  try {
    const response = await fetch(`/actions/${page}/${action}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...fields, by: reviewer() }),
    });
    return { isDone: response.ok, status: response.status, ...(await response.json()) };
  } catch (error) {
    return { isDone: false, status: 0, says: `The console did not answer: ${error.message}` };
  }
}

const STORED = "gavel.reviewer";
/** Elsewhere the proxy before the console names who is signed in. */
const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);

export function reviewer() {
  return isLocal ? (localStorage.getItem(STORED) ?? "") : undefined;
}

/** Where a person says who decides, kept in this browser; undefined where the proxy says it. */
export function drawReviewer() {
  if (!isLocal) return undefined;
  const field = element("input", {
    type: "text",
    maxlength: "128",
    autocomplete: "name",
    placeholder: "Your name",
    class: "reviewer",
    value: reviewer(),
  });
  field.addEventListener("input", () => localStorage.setItem(STORED, field.value.trim()));
  return element("label", { class: "by" }, ["Reviewer ", field]);
}
