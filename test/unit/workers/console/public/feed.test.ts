/** The page's own module, as the browser loads it. */
const url = new URL("../../../../../workers/console/public/feed.js", import.meta.url).href;
const { openFeed } = await import(url);
const { jest } = import.meta;

/** What a browser has of server-sent events, as far as a feed uses it. */
class FakeEventSource extends EventTarget {
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  static newest: FakeEventSource;
  readyState = FakeEventSource.OPEN;
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
    FakeEventSource.newest = this;
  }

  close(): void {
    this.readyState = FakeEventSource.CLOSED;
  }

  send(part: string, value: unknown): void {
    this.dispatchEvent(Object.assign(new Event(part), { data: JSON.stringify(value) }));
  }
}

let shown: string[] = [];

beforeEach(() => {
  jest.useFakeTimers();
  Object.assign(globalThis, { EventSource: FakeEventSource });
  shown = [];
});

afterEach(() => {
  jest.useRealTimers();
});

/** Seconds pass in each of which the console sends this. */
function pass(seconds: number, send: () => void): void {
  for (let second = 0; second < seconds; second++) {
    send();
    jest.advanceTimersByTime(1000);
  }
}

test("a page on which nothing changes stays live while the console says that it lives", () => {
  const feed = openFeed("review", (state: string) => shown.push(state));
  feed.on("flags", () => undefined);
  feed.ask("");
  FakeEventSource.newest.dispatchEvent(new Event("open"));
  pass(30, () => FakeEventSource.newest.send("alive", true));
  expect(new Set(shown)).toEqual(new Set(["live"]));
  pass(10, () => undefined);
  expect(shown.at(-1)).toBe("lost");
  FakeEventSource.newest.send("alive", true);
  expect(shown.at(-1)).toBe("live");
});

test("a part goes to all who listen for it, also after another question", () => {
  const heard: unknown[] = [];
  const feed = openFeed("counts", () => undefined);
  feed.on("late", (value: unknown) => heard.push(["first", value]));
  feed.on("late", (value: unknown) => heard.push(["second", value]));
  feed.ask("a/1");
  expect(FakeEventSource.newest.url).toBe("/feeds/counts?about=a%2F1");
  FakeEventSource.newest.send("late", 3);
  feed.ask("");
  FakeEventSource.newest.send("late", 4);
  expect(heard).toEqual([
    ["first", 3],
    ["second", 3],
    ["first", 4],
    ["second", 4],
  ]);
});
