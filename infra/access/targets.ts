import {
  archiveSubscription,
  databases,
  dataset,
  deadLetterSubscription,
  eventImports,
  ingestKeysSecret,
  pullSubscriptions,
  subscriptionOf,
  topics,
  type WorkerKind,
} from "../../shared/names.ts";
import { views } from "../../shared/schema/views.ts";
import { homeRegionNameOf, type StackConfig } from "../config.ts";
import { keyLocationsOf } from "../key-locations.ts";
import { runNameOf } from "../workers.ts";
import { policyTagNames } from "./column-access.ts";
import type { AgentName, ResourceRef } from "./grant.ts";

/** Resources that rights are given on together. */
export interface Target {
  /** In words, as tables name it. */
  readonly what: string;
  /** Which of them a stack has. */
  readonly on: (config: StackConfig) => readonly ResourceRef[];
}

/** Views read with the rights of who asks, so a reader of a view reads its tables. */
const financeViews = views.map(({ name }) => name).filter((name) => name !== "auction_windows");

export const targets = {
  project: target("project", () => [{ kind: "project" }]),
  counts: target("databases counts", ({ regions }) =>
    regions.map((region) => ({
      kind: "database",
      instance: databases.counts.instanceOf(region),
      name: databases.counts.name,
    })),
  ),
  ledger: target("database ledger", () => [
    { kind: "database", instance: databases.ledger.instance, name: databases.ledger.name },
  ]),
  ledgerConnection: target("connection ledger", () => [
    { kind: "connection", name: databases.ledger.name },
  ]),
  dataset: target("dataset gavel", () => [{ kind: "dataset", name: dataset.name }]),
  financeTables: target("finance tables and views", () =>
    ["settlements", "ledger", ...financeViews].map((name) => ({ kind: "table", name })),
  ),
  moneyColumns: target("columns tagged money", () => [
    { kind: "policyTag", name: policyTagNames.money },
  ]),
  signingKeys: target("secret of signing keys", () => [{ kind: "secret", name: ingestKeysSecret }]),
  deadLetterSubscription: target("subscription dead-letters", () => [
    { kind: "subscription", name: deadLetterSubscription },
  ]),
  deadLettering: target("subscriptions with a dead-letter policy", (config) => [
    ...pullSubscriptions(config.regions)
      .filter(({ deadLetterAttempts }) => deadLetterAttempts !== undefined)
      .map(({ name }): ResourceRef => ({ kind: "subscription", name })),
    { kind: "subscription", name: archiveSubscription.name },
    ...importsOf(config, "subscription"),
  ]),
  importTopics: target("topics import-*", (config) => importsOf(config, "topic")),
  importSubscriptions: target("subscriptions import-*", (config) =>
    importsOf(config, "subscription"),
  ),
  importAccount: target("account gavel-import", ({ cloud }) =>
    cloud === undefined || cloud.imports.length === 0
      ? []
      : [{ kind: "account", name: eventImports.account }],
  ),
  consoleSite: target("the console", (config) => [{ kind: "web", ...consoleOf(config) }]),
  consoleService: target("service console", (config) => [{ kind: "invoke", ...consoleOf(config) }]),
  ingestServices: target("services ingest-*", ({ regions }) =>
    regions.map((region) => ({ kind: "invoke", name: runNameOf("ingest", region), region })),
  ),
} as const;

export function subscriptionsOf(kind: WorkerKind): Target {
  return target(`subscriptions ${kind}-*`, ({ regions }) =>
    regions.map((region) => ({ kind: "subscription", name: subscriptionOf(kind, region).name })),
  );
}

export function topicOf(topic: keyof typeof topics): Target {
  const { name } = topics[topic];
  return target(`topic ${name}`, () => [{ kind: "topic", name }]);
}

/** A table of BigQuery's. */
export function warehouseTable(name: string): Target {
  return target(`table ${name}`, () => [{ kind: "table", name }]);
}

export function keysOf(agent: Exclude<AgentName, "iap">): Target {
  return target("its locations' keys", (config) =>
    keyLocationsOf(config)[agent].map((name) => ({ kind: "key", name })),
  );
}

function target(what: string, on: Target["on"]): Target {
  return { what, on };
}

function importsOf({ cloud }: StackConfig, kind: "topic" | "subscription"): readonly ResourceRef[] {
  return (cloud?.imports ?? []).map(({ name }) => ({ kind, name: eventImports.nameOf(name) }));
}

function consoleOf(config: StackConfig) {
  const region = homeRegionNameOf(config);
  return { name: runNameOf("console", region), region };
}
