/** The keyboard of the page: j and k go through the queue, the others decide on the flag that is open. */
export function listenForKeys({ queue, verdict }) {
  const keys = {
    j: () => queue.step(1),
    k: () => queue.step(-1),
    ArrowDown: () => queue.step(1),
    ArrowUp: () => queue.step(-1),
    c: () => verdict.act("claim"),
    u: () => verdict.act("release"),
    y: () => verdict.act("confirm"),
    d: () => verdict.askReason(),
    r: () => verdict.act("reopen"),
  };
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input, select, textarea");
    if (isTyping && event.key === "Escape") event.target.blur();
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keys[event.key];
    if (act === undefined || (event.repeat && !"jkArrowDownArrowUp".includes(event.key))) return;
    event.preventDefault();
    void act();
  });
}
