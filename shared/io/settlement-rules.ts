import { isCurrency } from "../core/auction/currency.ts";
import { parseNanos } from "../core/money.ts";
import type { SettlementConfig } from "../core/settlement/settlement-event.ts";
import type { Env } from "./env.ts";

/** What of the configuration is a setting; the closed months are read in each transaction. */
export type SettlementRules = Omit<SettlementConfig, "closedThrough">;

/**
 * How money is judged, the same for every process that settles: `GAVEL_BILL_ON_BILLING`, sources that owe
 * at the billing notice, comma-separated; `GAVEL_TOLERANCES`, currency=amount, comma-separated.
 */
export function readSettlementRules(env: Env): SettlementRules {
  const sources = env.optional("GAVEL_BILL_ON_BILLING")?.split(",") ?? [];
  const tolerances = env.optional("GAVEL_TOLERANCES")?.split(",") ?? [];
  return {
    billOnBilling: new Set(sources.map((source) => source.trim())),
    toleranceNanos: new Map(tolerances.map((text) => readTolerance(env, text.trim()))),
  };
}

function readTolerance(env: Env, text: string): [string, bigint] {
  const [currency = "", amount = ""] = text.split("=");
  const parsed = parseNanos(amount);
  if (isCurrency(currency) && parsed.kind === "nanos") return [currency, parsed.nanos];
  env.fault(`GAVEL_TOLERANCES has "${text}": write currency=amount, such as USD=0.01`);
  return [currency, 0n];
}
