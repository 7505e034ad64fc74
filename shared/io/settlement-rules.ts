import { isCurrency } from "../core/auction/currency.ts";
import { isPrintable } from "../core/auction/read-event.ts";
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
  const tolerances = partsOf(env, "GAVEL_TOLERANCES").map((text) => readTolerance(env, text));
  const toleranceNanos = new Map(tolerances);
  if (toleranceNanos.size < tolerances.length) {
    env.fault("GAVEL_TOLERANCES names a currency twice: give each once");
  }
  return {
    billOnBilling: new Set(
      partsOf(env, "GAVEL_BILL_ON_BILLING").map((text) => readSource(env, text)),
    ),
    toleranceNanos,
  };
}

function partsOf(env: Env, name: string): string[] {
  return (
    env
      .optional(name)
      ?.split(",")
      .map((part) => part.trim()) ?? []
  );
}

/** An empty name would mean every event that names no source. */
function readSource(env: Env, text: string): string {
  if (!isPrintable(text)) {
    env.fault(`GAVEL_BILL_ON_BILLING has "${text}": give names of sources, comma-separated`);
  }
  return text;
}

function readTolerance(env: Env, text: string): [string, bigint] {
  const [currency = "", amount = "", ...rest] = text.split("=");
  const parsed = parseNanos(amount);
  const isSound = isCurrency(currency) && parsed.kind === "nanos" && rest.length === 0;
  if (isSound) return [currency, parsed.nanos];
  env.fault(`GAVEL_TOLERANCES has "${text}": write currency=amount, such as USD=0.01`);
  return [text, 0n];
}
