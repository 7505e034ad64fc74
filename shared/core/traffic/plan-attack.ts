import { MINUTE_MS } from "../time.ts";
import type { Attack, AttackKind } from "./scenario.ts";

/** Segments that are attacked together where an attack is coordinated. */
const COORDINATED_SEGMENTS = 10;
const ENDLESS = { afterMs: MINUTE_MS, lengthMs: 10 * MINUTE_MS };

/**
 * The attacks of one incident: in the middle third of a run, or for ten minutes from the first minute on
 * where the run has no end; where it is all that is sent, from the start on. A coordinated one is on this
 * segment and those behind it.
 */
export function planAttack(
  { kind, strength, segment }: { kind: AttackKind; strength: number; segment: number },
  run: {
    readonly startMs: number;
    readonly lengthMs: number;
    readonly segments: number;
    readonly isAttackOnly?: boolean;
  },
): readonly Attack[] {
  const isEndless = !Number.isFinite(run.lengthMs);
  const isAlone = run.isAttackOnly === true;
  const part = isAlone ? run.lengthMs : run.lengthMs / 3;
  const lengthMs = isEndless ? ENDLESS.lengthMs : part;
  const quietMs = isEndless ? ENDLESS.afterMs : part;
  const afterMs = isAlone ? 0 : quietMs;
  const startMs = Math.floor(run.startMs + afterMs);
  const endMs = Math.floor(startMs + lengthMs);
  const together = kind === "coordinated" ? Math.min(COORDINATED_SEGMENTS, run.segments) : 1;
  return Array.from({ length: together }, (_, index) => ({
    incident: 0,
    kind,
    strength,
    segment: (segment + index) % run.segments,
    startMs,
    endMs,
  }));
}
