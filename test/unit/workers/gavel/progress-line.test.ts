import { durationText, ProgressLine } from "../../../../workers/gavel/progress-line.ts";
import { progressText } from "../../../../workers/gavel/publish/run-publish.ts";

function shown(isTTY: boolean): string {
  let written = "";
  const stream = {
    isTTY,
    write: (text: string) => {
      written += text;
    },
  };
  const line = new ProgressLine(stream, 0);
  for (let nowMs = 0; nowMs <= 10_000; nowMs += 100) line.show(() => `at ${nowMs}`, nowMs);
  line.end();
  return written;
}

test("a pipe gets a line every five seconds", () => {
  expect(shown(false)).toBe("at 5000\nat 10000\n");
});

test("a terminal gets one line, rewritten, and it is gone in the end", () => {
  const written = shown(true);
  expect(written).not.toContain("\n");
  expect(written.split("\r\u001b[K").length - 1).toBe(51);
  expect(written.endsWith("at 10000\r\u001b[K")).toBe(true);
});

test.each([
  [9.4, "9 s"],
  [185, "3:05"],
  [7385, "2:03:05"],
])("%d s are written %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test("a file's progress has rate, share and time left; standard input's has its rate", () => {
  const state = { published: 12_000, seconds: 3, bytesRead: 250, bytes: 1000 };
  expect(progressText(state)).toBe("12000 published, 4000/s, 25 %, 9 s left");
  expect(progressText({ ...state, bytes: undefined })).toBe("12000 published, 4000/s");
});
