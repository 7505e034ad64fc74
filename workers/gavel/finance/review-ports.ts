import { randomInt } from "node:crypto";
import { env } from "node:process";
import { systemClock } from "../../../shared/io/clock.ts";
import { Env } from "../../../shared/io/env.ts";
import type { ReviewPorts } from "../../../shared/io/settle-reviews.ts";
import { readSettlementRules } from "../../../shared/io/settlement-rules.ts";
import { SettlementStore } from "../../../shared/io/settlement-store.ts";
import { balanceShards } from "../../../shared/names.ts";
import type { Finance } from "./open-finance.ts";

/** Opens what a decision is written with, under the rules that the workers settle by. */
export async function openReviewPorts({ database, openWriters }: Finance): Promise<ReviewPorts> {
  const settings = new Env(env);
  const rules = readSettlementRules(settings);
  settings.check();
  return {
    store: new SettlementStore(database, { rules, shard: randomInt(balanceShards) }),
    writers: await openWriters(),
    clock: systemClock,
    random: Math.random,
  };
}
