import { readFile } from "node:fs/promises";
import { messageOf, UsageError } from "../../../shared/core/errors.ts";
import type { ControlCall } from "./chaos-control.ts";

/** One step of a script: what is called, and how long after the script's start. */
export interface ChaosStep {
  readonly atMs: number;
  readonly call: ControlCall;
}

export interface ChaosScript {
  /** The generator that draws faults starts from it, in every emulator. */
  readonly seed: number;
  readonly steps: readonly ChaosStep[];
}

const FORM =
  '{"seed": 7, "steps": [{"atMs": 0, "service": "pubsub", "fault": {"kind": "duplicate", "probability": 0.01}}, ' +
  '{"atMs": 5000, "cut": "eu"}, {"atMs": 65000, "heal": "eu"}, {"atMs": 70000, "service": "pubsub", "clear": true}]}';

/** Reads a script of faults from a JSON file. Throws a UsageError that names the step at fault. */
export async function readChaosScript(file: string): Promise<ChaosScript> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new UsageError(`${file}: ${messageOf(cause)}; a script is ${FORM}`, { cause });
  }
  const { seed, steps } = Object(parsed);
  if (!Number.isSafeInteger(seed) || !Array.isArray(steps)) {
    throw new UsageError(
      `${file}: it has no whole number "seed" or no list "steps"; it is ${FORM}`,
    );
  }
  const read = steps.map((step: unknown, index) => readStep(step, `${file}, step ${index + 1}`));
  return { seed, steps: read.toSorted((a, b) => a.atMs - b.atMs) };
}

function readStep(step: unknown, where: string): ChaosStep {
  const { atMs, ...action } = Object(step);
  if (typeof atMs !== "number" || !(atMs >= 0)) {
    throw new UsageError(`${where}: "atMs" is milliseconds from the script's start, from 0 up`);
  }
  return { atMs, call: callOf(action, where) };
}

function callOf(action: Readonly<Record<string, unknown>>, where: string): ControlCall {
  const { service, fault, cut, heal, clear } = action;
  switch (Object.keys(action).sort().join(" ")) {
    case "fault service":
      if (typeof fault !== "object" || fault === null) break;
      return { method: "POST", path: `${String(service)}/faults`, body: fault };
    case "clear service":
      if (clear !== true) break;
      return { method: "DELETE", path: `${String(service)}/faults` };
    case "cut":
      return { method: "POST", path: `pubsub/regions/${String(cut)}/cut` };
    case "heal":
      return { method: "POST", path: `pubsub/regions/${String(heal)}/heal` };
    default:
  }
  throw new UsageError(
    `${where}: besides "atMs" it has "service" and "fault", "service" and "clear": true, "cut", or "heal"`,
  );
}
