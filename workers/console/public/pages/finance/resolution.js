import { act, drawReviewer } from "../../act.js";
import { formatAmounts } from "../../decimals.js";
import { element } from "../../dom.js";
import { formatInstant } from "../../format.js";

const verdicts = [
  ["", "–"],
  ["accept", "stands"],
  ["reject", "does not stand"],
];

/** A bid's claims; of a disputed bid, with the form in which a person says which of them stand. */
export function drawResolution({ bidId, version, claims, isDisputed }) {
  const choices = new Map();
  const table = drawClaims(claims, isDisputed ? choices : undefined);
  if (!isDisputed) return table;
  const reason = element("input", {
    type: "text",
    maxlength: "1024",
    placeholder: "Reason, for the audit trail",
    "aria-label": "Reason",
    class: "reason",
  });
  const said = element("p", { class: "said", role: "status" });
  const resolve = element("button", { type: "submit" }, ["Resolve"]);
  const writeOff = element("button", { type: "button" }, ["Write off"]);
  const resolutionId = crypto.randomUUID();
  const send = async (choice) => {
    const chosen = (verdict) =>
      [...choices].filter(([, field]) => field.value === verdict).map(([key]) => key);
    for (const button of [resolve, writeOff]) button.disabled = true;
    const { isDone, says } = await act("finance", "resolve", {
      ...{ bidId, version, resolutionId, choice },
      accept: choice === "accept" ? chosen("accept") : [],
      reject: chosen("reject"),
      reason: reason.value,
    });
    for (const button of [resolve, writeOff]) button.disabled = isDone;
    said.textContent = says;
    said.dataset.state = isDone ? "done" : "refused";
  };
  const reviewer = drawReviewer();
  const fields = element("div", { class: "decide" }, [
    reason,
    ...(reviewer === undefined ? [] : [reviewer]),
    resolve,
    writeOff,
  ]);
  const form = element("form", { class: "resolution" }, [table, fields, said]);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send("accept");
  });
  writeOff.addEventListener("click", () => void send("writeOff"));
  return form;
}

function drawClaims(claims, choices) {
  const names = ["Claim", "Amount", "", "Seat", "Region", "Source", "Event time, UTC"];
  const head = [...names, ...(choices === undefined ? [] : ["Verdict"])].map((name, index) =>
    element("th", { scope: "col", class: index === 1 ? "number" : undefined }, [name]),
  );
  const amounts = formatAmounts(claims.map(({ amount }) => (amount === "" ? "0" : amount)));
  const rows = claims.map((claim, index) => {
    const { identity, amount, currency, seat, region, source, atMs, evidence } = claim;
    const cells = [
      element("td", { class: "wide" }, [evidence === "" ? identity : `${identity}: ${evidence}`]),
      element("td", { class: "number" }, [amount === "" ? "" : amounts[index]]),
      ...[currency, seat, region, source, formatInstant(atMs)].map((text) =>
        element("td", {}, [text]),
      ),
    ];
    if (choices !== undefined) cells.push(element("td", {}, [drawVerdict(claim, choices)]));
    return element("tr", {}, cells);
  });
  const table = element("table", { class: "claims" }, [
    element("caption", {}, ["Claims: what each notice says"]),
    element("thead", {}, [element("tr", {}, head)]),
    element("tbody", {}, rows),
  ]);
  return element("div", { class: "scroll", tabindex: "0", "aria-label": "Claims" }, [table]);
}

/** Challenges fall with the claim that they are about; resolutions are not claims about money. */
function drawVerdict({ key, type, identity }, choices) {
  if (type === "challenge" || type === "resolution") return "";
  const field = element(
    "select",
    { "aria-label": `Verdict on ${identity}` },
    verdicts.map(([value, name]) => element("option", { value }, [name])),
  );
  choices.set(key, field);
  return field;
}
