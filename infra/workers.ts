import type { RegionName } from "../shared/names.ts";
import type { StackConfig } from "./config.ts";

/** A program of the image and how Cloud Run runs it. */
interface Program {
  /** A pool pulls and serves nothing; a service is called over HTTP. */
  readonly kind: "pool" | "service";
  /** Whether every region runs it, or the home region only. */
  readonly isRegional: boolean;
  readonly memory: string;
  readonly does: string;
}

/** Every program that runs in the cloud. Each is `workers/<name>/main.ts` of the one image. */
export const programs = {
  window: { kind: "pool", isRegional: true, memory: "2Gi", does: "Counts bids in windows" },
  settlement: { kind: "pool", isRegional: true, memory: "1Gi", does: "Settles wins and payments" },
  detector: { kind: "pool", isRegional: true, memory: "1Gi", does: "Flags segments" },
  import: { kind: "pool", isRegional: false, memory: "1Gi", does: "Takes exchanges' own streams" },
  ingest: { kind: "service", isRegional: true, memory: "1Gi", does: "Takes events over HTTP" },
  console: { kind: "service", isRegional: false, memory: "1Gi", does: "Shows, reviews, settles" },
} as const satisfies Readonly<Record<string, Program>>;
export type ProgramName = keyof typeof programs;

export const programNames = Object.keys(programs) as readonly ProgramName[];

/** Whether a stack runs a program at all: where nothing is imported, nothing reads imports. */
export function runsIn({ cloud }: Pick<StackConfig, "cloud">, program: ProgramName): boolean {
  return program !== "import" || (cloud?.imports ?? []).length > 0;
}

/** Name of a program's service account, unique in its project. */
export function accountIdOf(program: ProgramName): string {
  return `gavel-${program}`;
}

/** The account of the scheduled query that audits the ledger. */
export const AUDIT_ACCOUNT = "gavel-audit";

/** What Cloud Run calls a program in one region, e.g. `window-us`. */
export function runNameOf(program: ProgramName, region: RegionName): string {
  return programs[program].isRegional ? `${program}-${region}` : program;
}

/** The file that a program starts from, inside the image. */
export function entryOf(program: ProgramName): string {
  return `workers/${program}/main.ts`;
}
