import { setTimeout as delay } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import type { FaultPlan } from "../../faults/fault-plan.ts";
import { StatusError } from "../../grpc/status-error.ts";
import { abortedError } from "../transactions/transaction.ts";

/** How long a call into a region that is cut off hangs, where the rule does not say. */
const CUT_OFF_DELAY_MS = 1000;

/** Where faults on purpose strike a call. Targets are databases' names. */
export class FaultPoints {
  readonly plan: FaultPlan;
  readonly #now: () => number;

  constructor(plan: FaultPlan, now: () => number) {
    this.plan = plan;
    this.#now = now;
  }

  /** `cutOff` and `unavailable`: the call has no effect. A region that is cut off answers late. */
  async beforeCall(database: string): Promise<void> {
    const cutOff = this.plan.strike("cutOff", database, this.#now());
    if (cutOff !== undefined) {
      await delay(cutOff.delayMs ?? CUT_OFF_DELAY_MS);
      throw new StatusError(
        status.UNAVAILABLE,
        `The region of ${database} is cut off (fault cutOff).`,
      );
    }
    if (this.#strikes("unavailable", database)) {
      throw new StatusError(status.UNAVAILABLE, `${database} is unavailable (fault unavailable).`);
    }
  }

  /** True where this commit is to be aborted. */
  abortsCommit(database: string): boolean {
    return this.#strikes("aborted", database);
  }

  abortedByFault(): StatusError {
    return abortedError("Transaction was aborted (fault aborted).");
  }

  /** How long this commit waits before it takes effect, in milliseconds. */
  commitDelayMs(database: string): number {
    return this.plan.strike("slowCommit", database, this.#now())?.delayMs ?? 0;
  }

  /** `outcomeUnknown` and `replyLost`: the commit is applied, its caller does not hear of it. */
  afterCommit(database: string): void {
    if (this.#strikes("outcomeUnknown", database)) {
      throw new StatusError(status.DEADLINE_EXCEEDED, "Deadline exceeded (fault outcomeUnknown).");
    }
    if (this.#strikes("replyLost", database)) {
      throw new StatusError(status.UNAVAILABLE, "Connection lost (fault replyLost).");
    }
  }

  #strikes(kind: string, database: string): boolean {
    return this.plan.strike(kind, database, this.#now()) !== undefined;
  }
}
