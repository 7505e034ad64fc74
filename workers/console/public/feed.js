/** A feed sends `alive` each second; without a word for this long it is not live. */
const SILENT_MS = 5000;

/**
 * A page's feed: `on(part, handler)` before `ask(about)`, which opens it, or opens it anew with another
 * question. `show(state, text)` is told how the connection stands; the browser comes again after a loss.
 */
export function openFeed(name, show) {
  /** The handlers of each part. */
  const parts = new Map();
  let source;
  let heardAt = 0;
  const hear = () => {
    heardAt = performance.now();
    show("live", "Live");
  };
  const listenFor = (part) => {
    source?.addEventListener(part, ({ data }) => {
      hear();
      const value = JSON.parse(data);
      for (const handler of parts.get(part)) handler(value);
    });
  };
  const on = (part, handler) => {
    const handlers = parts.get(part);
    if (handlers !== undefined) handlers.push(handler);
    else {
      parts.set(part, [handler]);
      listenFor(part);
    }
  };
  const ask = (about) => {
    source?.close();
    source = new EventSource(
      `/feeds/${name}${about === "" ? "" : `?about=${encodeURIComponent(about)}`}`,
    );
    source.addEventListener("open", () => {
      heardAt = performance.now();
    });
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) setTimeout(() => ask(about), 1000);
      show("lost", "No connection to the console");
    });
    source.addEventListener("alive", hear);
    for (const part of parts.keys()) listenFor(part);
  };
  setInterval(() => {
    if (source?.readyState === EventSource.OPEN && performance.now() - heardAt > SILENT_MS) {
      show("lost", "The console sends nothing");
    }
  }, 1000);
  return { on, ask };
}
