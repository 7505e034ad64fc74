import { DEFAULT_WINDOW_CONFIG } from "../../shared/core/window/window-shape.ts";
import { Env } from "../../shared/io/env.ts";
import { readServedRegions } from "../../shared/io/served-regions.ts";
import { readSettlementRules } from "../../shared/io/settlement-rules.ts";
import { localPorts, localProject } from "../../shared/names.ts";

/** A process whose metrics the console reads. */
export interface MetricsTarget {
  readonly name: string;
  /** `host:port` that it serves them on. */
  readonly address: string;
}

const defaultWindowS = (DEFAULT_WINDOW_CONFIG.shapes[0]?.sizeMs ?? 60_000) / 1000;

/** Reads the console's settings. Throws a UsageError that names every fault. */
export function readConsoleConfig(values: Readonly<Record<string, string | undefined>>) {
  const env = new Env(values);
  const config = {
    project: env.string("GOOGLE_CLOUD_PROJECT", localProject),
    /** Regions whose counts are shown. */
    regions: readServedRegions(env),
    /** Address to listen on. Cloud Run wants 0.0.0.0; the default reaches this machine only. */
    host: env.string("GAVEL_CONSOLE_HOST", "127.0.0.1"),
    port: env.integer("PORT", { min: 1, max: 65_535, default: localPorts.console }),
    spannerEmulatorHost: env.optional("SPANNER_EMULATOR_HOST"),
    bigqueryRest: env.optional("BIGQUERY_EMULATOR_REST"),
    /** `host:port` of the Storage Write API's emulator. */
    storageWriteEmulatorHost: env.optional("BIGQUERY_STORAGE_EMULATOR_HOST"),
    /** How money is judged where a person resolves a dispute: as the settlement workers do. */
    settlementRules: readSettlementRules(env),
    /** Processes whose metrics are read, as `name=host:port`, comma-separated. */
    metricsTargets: readTargets(env, env.optional("GAVEL_METRICS_TARGETS")),
    /** Length of the tumbling windows that the page shows, one of GAVEL_WINDOWS. Seconds. */
    windowS: env.integer("GAVEL_CONSOLE_WINDOW_S", {
      min: 1,
      max: 86_400,
      default: defaultWindowS,
    }),
  } as const;
  env.check();
  return config;
}

export type ConsoleConfig = ReturnType<typeof readConsoleConfig>;

function readTargets(env: Env, text: string | undefined): readonly MetricsTarget[] {
  if (text === undefined) return [];
  return text.split(",").map((part) => {
    const match = /^([\w-]+)=([\w.-]+:\d{1,5})$/.exec(part.trim());
    if (match === null) env.fault(`GAVEL_METRICS_TARGETS has "${part}": write name=host:port`);
    return { name: match?.[1] ?? "", address: match?.[2] ?? "" };
  });
}
