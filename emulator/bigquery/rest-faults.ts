import type { FaultPlan } from "../faults/fault-plan.ts";
import { ApiError } from "./api-error.ts";

/**
 * Faults of REST calls, none of which has an effect then. Targets are paths such as
 * `projects/P/queries` or `projects/P/datasets/D/tables/T/insertAll`, or `*`.
 */
export function strikeRest(faults: FaultPlan, method: string, path: string, nowMs: number): void {
  const target = path.replace(/^\//, "");
  if (faults.strike("restUnavailable", target, nowMs) !== undefined) {
    throw new ApiError(
      503,
      "backendError",
      `Error encountered during execution of ${method} ${target}. Retrying may solve the problem.`,
    );
  }
  if (faults.strike("restQuota", target, nowMs) !== undefined) {
    throw new ApiError(
      403,
      "rateLimitExceeded",
      `Exceeded rate limits: too many calls of ${method} ${target}`,
    );
  }
}
