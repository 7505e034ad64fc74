import { act as ask, drawReviewer } from "../../act.js";
import { element, setText } from "../../dom.js";
import { reviewText } from "./review-text.js";

const actions = [
  ["claim", "Claim", "c"],
  ["confirm", "Confirm bots", "y"],
  ["dismiss", "Dismiss", "d"],
  ["reopen", "Reopen", "r"],
  ["release", "Release", "u"],
];
/** What may be done in each state; a claim of another person is refused by the console. */
const allowed = {
  open: ["claim", "confirm", "dismiss"],
  claimed: ["claim", "confirm", "dismiss", "release"],
  confirmed: ["reopen"],
  dismissed: ["reopen"],
};

/** What a person does to the flag that is open, and what the console said to it. */
export function drawVerdict() {
  let record;
  let changed = () => undefined;
  const stands = element("span", { class: "stands" });
  const said = element("p", { class: "said", role: "status" });
  const reason = drawReason(() => void act("dismiss"));
  const reviewer = drawReviewer();
  const buttons = actions.map((action) =>
    drawButton(action, (name) => (name === "dismiss" ? askReason() : act(name))),
  );
  const say = (text, state) => {
    setText(said, text);
    said.dataset.state = state;
  };
  const act = async (action) => {
    if (record === undefined) return;
    if (reviewer !== undefined && reviewer.lastChild.value.trim() === "") {
      say("Say who you are.", "refused");
      reviewer.lastChild.focus();
      return;
    }
    const { flagId, version } = record;
    const answer = await ask("review", action, { flagId, version, reason: reason.value });
    say(answer.says, answer.isDone ? "done" : "refused");
    if (answer.isDone) {
      reason.value = "";
      reason.blur();
    }
    if (answer.record !== undefined) changed(answer.record);
  };
  /** A reason that was written is sent; where none is, it is asked for. */
  const askReason = () => {
    if (reason.value.trim() !== "") return act("dismiss");
    reason.focus();
    say("Say why it is harmless, then Enter.", "");
    return undefined;
  };
  const show = (next) => {
    if (next?.flagId !== record?.flagId) {
      say("", "");
      reason.value = "";
    }
    record = next;
    if (record === undefined) return;
    setText(stands, reviewText(record.review));
    stands.dataset.state = record.review.state;
    for (const button of buttons) {
      button.hidden = !allowed[record.review.state].includes(button.dataset.action);
    }
    reason.hidden = !allowed[record.review.state].includes("dismiss");
  };
  const bar = element("div", { class: "decide" }, [
    stands,
    ...buttons,
    reason,
    ...(reviewer === undefined ? [] : [reviewer]),
  ]);
  return {
    parts: [bar, said],
    show,
    act,
    askReason,
    onChanged: (handler) => {
      changed = handler;
    },
  };
}

function drawButton([name, label, key], press) {
  const attributes = { type: "button", "aria-keyshortcuts": key, "data-action": name };
  const button = element("button", attributes, [`${label} `, element("kbd", {}, [key])]);
  button.addEventListener("click", () => void press(name));
  return button;
}

function drawReason(enter) {
  const field = element("input", {
    type: "text",
    class: "reason",
    maxlength: "1024",
    placeholder: "Reason: needed to dismiss",
    "aria-label": "Reason",
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") enter();
  });
  return field;
}
