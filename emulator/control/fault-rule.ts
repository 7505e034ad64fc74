import type { FaultRule } from "../faults/fault-plan.ts";
import { RequestRefused } from "./json-body.ts";

const FIELDS = ["kind", "target", "probability", "limit", "untilMs", "delayMs"];

/** Reads a rule handed in as JSON. `target` defaults to every resource, `probability` to always. */
export function readFaultRule(body: object, kinds: readonly string[]): FaultRule {
  const fields = new Map<string, unknown>(Object.entries(body));
  const unknownField = [...fields.keys()].find((field) => !FIELDS.includes(field));
  if (unknownField !== undefined) {
    throw refusal(`"${unknownField}" is not a field of a fault: ${FIELDS.join(", ")}`);
  }
  const kind = fields.get("kind");
  if (typeof kind !== "string" || !kinds.includes(kind)) {
    throw refusal(`"kind" is ${JSON.stringify(kind)}; it is one of ${kinds.join(", ")}`);
  }
  const target = fields.get("target") ?? "*";
  if (typeof target !== "string") throw refusal('"target" is a resource\'s full name or "*"');
  const probability = numberIn(fields, "probability") ?? 1;
  if (probability > 1) throw refusal('"probability" is from 0 to 1');
  const limit = numberIn(fields, "limit");
  const untilMs = numberIn(fields, "untilMs");
  const delayMs = numberIn(fields, "delayMs");
  return {
    kind,
    target,
    probability,
    ...(limit === undefined ? {} : { limit }),
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(delayMs === undefined ? {} : { delayMs }),
  };
}

function numberIn(fields: ReadonlyMap<string, unknown>, field: string): number | undefined {
  const value = fields.get(field);
  if (value === undefined) return undefined;
  if (typeof value === "number" && value >= 0) return value;
  throw refusal(`"${field}" is ${JSON.stringify(value)}; it is a number from 0 up`);
}

function refusal(why: string): RequestRefused {
  return new RequestRefused(`The fault cannot be added: ${why}.`, { httpStatus: 400 });
}
