import { element } from "../dom.js";
import { drawProblems } from "../problems.js";
import { drawFlag } from "./review/flag.js";
import { listenForKeys } from "./review/keys.js";
import { drawQueue } from "./review/queue.js";
import { drawVerdict } from "./review/verdict.js";

/** Flags: the queue beside the evidence of one of them. */
export function mount(main, feed) {
  const verdict = drawVerdict();
  const flag = drawFlag(feed, verdict);
  const queue = drawQueue(feed, (record) => {
    verdict.show(record);
    flag.show(record);
  });
  verdict.onChanged(queue.take);
  listenForKeys({ queue, verdict });
  main.classList.add("review");
  main.replaceChildren(
    drawProblems(feed, ["Spanner flags", "Spanner flag", "BigQuery"]),
    element("div", { class: "desk" }, [queue.panel, flag.panel]),
  );
}
