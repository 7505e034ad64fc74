import { isPrintable } from "../../../shared/core/auction/read-event.ts";
import { UsageError } from "../../../shared/core/errors.ts";

const REASON_LENGTH_MAX = 1024;

/** Who decides and why, as the audit trail keeps it. Throws UsageError where either is missing. */
export function readReviewer(
  { by = "", reason = "" }: { readonly by?: string; readonly reason?: string },
  usage: string,
): { readonly by: string; readonly reason: string } {
  if (!isPrintable(by)) throw new UsageError(`--by "${by}": name who decides.\n${usage}`);
  if (reason.trim() === "" || reason.length > REASON_LENGTH_MAX) {
    throw new UsageError(`--reason: say why, in 1 to ${REASON_LENGTH_MAX} characters.\n${usage}`);
  }
  return { by, reason };
}
