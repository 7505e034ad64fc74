import { KEY_LENGTH_MAX } from "../../../shared/core/settlement/claim.ts";
import type { ResolutionRequest } from "../../../shared/core/settlement/propose-resolution.ts";
import { NOTICES_MAX, REVIEWS_MAX } from "../../../shared/core/settlement/settlement.ts";
import { type ActionFields, ActionRefused, reasonIn, textIn, versionIn } from "../server/action.ts";

const BID_LENGTH_MAX = 256;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * Reads what the page sends to resolve a dispute: `bidId`, the `version` seen, `resolutionId` (a UUID
 * that the page makes, so that sending it again resolves once), `choice`, `accept`, `reject`, `reason`.
 * Throws ActionRefused.
 */
export function readResolution(
  fields: ActionFields,
  by: string,
  nowMs: number,
): { readonly bidId: string; readonly version: number; readonly request: ResolutionRequest } {
  const resolutionId = textIn(fields, "resolutionId", 36);
  if (!UUID.test(resolutionId)) throw new ActionRefused(400, "resolutionId: give a UUID.");
  const { choice } = fields;
  if (choice !== "accept" && choice !== "writeOff") {
    throw new ActionRefused(400, 'choice: give "accept" or "writeOff".');
  }
  const accept = keysIn(fields, "accept");
  const reject = keysIn(fields, "reject");
  if (choice === "accept" && accept.length === 0) {
    throw new ActionRefused(400, "Say which claims stand, or write the bid off.");
  }
  if (choice === "writeOff" && accept.length > 0) {
    throw new ActionRefused(400, "No claim stands in a write-off: accept none.");
  }
  const both = accept.find((key) => reject.includes(key));
  if (both !== undefined) throw new ActionRefused(400, `"${both}" cannot stand and not stand.`);
  return {
    bidId: textIn(fields, "bidId", BID_LENGTH_MAX),
    version: versionIn(fields),
    request: {
      ...{ resolutionId, by, choice, accept, reject },
      reason: reasonIn(fields),
      eventTimeUs: nowMs * 1000,
    },
  };
}

function keysIn(fields: ActionFields, name: "accept" | "reject"): readonly string[] {
  const keys: unknown = fields[name];
  const isSound =
    Array.isArray(keys) &&
    keys.length <= NOTICES_MAX + REVIEWS_MAX &&
    keys.every((key) => typeof key === "string" && key !== "" && key.length <= KEY_LENGTH_MAX);
  if (!isSound) throw new ActionRefused(400, `${name}: give a list of the bid's claims.`);
  return [...new Set<string>(keys)];
}
