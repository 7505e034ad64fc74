import { element } from "./dom.js";
import { formatTime } from "./format.js";

/** What is out of reach, and since when what it tells stands still; such sections are dimmed. */
export function drawProblems(feed, sources) {
  const list = element("ul", { class: "problems", role: "alert", hidden: "" });
  const problems = new Map();
  const draw = () => {
    const names = [...problems.keys()];
    document.querySelector("main").dataset.stale = names.join(" ");
    list.hidden = names.length === 0;
    const byProblem = Map.groupBy(problems, ([, { problem }]) => problem);
    list.replaceChildren(
      ...[...byProblem].map(([problem, entries]) => {
        const since = Math.min(...entries.map(([, { answeredAtMs }]) => answeredAtMs));
        return element("li", {}, [
          element("strong", {}, [`No answer from ${entries.map(([name]) => name).join(", ")}. `]),
          `What they tell stands still since ${formatTime(since)}; they are asked again each second. (${problem})`,
        ]);
      }),
    );
  };
  for (const source of sources) {
    feed.on(`source:${source}`, (state) => {
      if (state.problem === undefined) problems.delete(source);
      else problems.set(source, state);
      draw();
    });
  }
  return list;
}
