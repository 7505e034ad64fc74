import type { RegionName } from "../../shared/names.ts";
import type { ProgramName } from "../workers.ts";

/** Service agents: accounts of Google's that act for the project. */
export const agentServices = {
  pubsub: "pubsub.googleapis.com",
  spanner: "spanner.googleapis.com",
  run: "run.googleapis.com",
  secretmanager: "secretmanager.googleapis.com",
  artifactregistry: "artifactregistry.googleapis.com",
  iap: "iap.googleapis.com",
} as const;
/** `bigquery` encrypts; it is found by a look-up of its own. */
export type AgentName = keyof typeof agentServices | "bigquery";

export type Principal =
  | { readonly kind: "program"; readonly program: ProgramName }
  | { readonly kind: "agent"; readonly agent: AgentName }
  | {
      readonly kind: "people";
      readonly people: "finance" | "regional finance" | "reviewers" | "operators";
    }
  | { readonly kind: "audit" }
  | { readonly kind: "callers" };

/** A resource that access is granted on. */
export type ResourceRef =
  | { readonly kind: "project" }
  | { readonly kind: "topic"; readonly name: string }
  | { readonly kind: "subscription"; readonly name: string }
  | { readonly kind: "database"; readonly instance: string; readonly name: string }
  | { readonly kind: "dataset"; readonly name: string }
  | { readonly kind: "table"; readonly name: string }
  | { readonly kind: "connection"; readonly name: string }
  | { readonly kind: "policyTag"; readonly name: string }
  | { readonly kind: "secret"; readonly name: string }
  | { readonly kind: "account"; readonly name: string }
  | { readonly kind: "key"; readonly name: string }
  | { readonly kind: "invoke"; readonly name: string; readonly region: RegionName }
  | { readonly kind: "web"; readonly name: string; readonly region: RegionName };

/** One principal's role on one resource. */
export interface Grant {
  readonly who: Principal;
  readonly role: string;
  readonly on: ResourceRef;
}

/** A resource in one word, unique in a project: `topic/auction-events`. */
export function keyOf(ref: ResourceRef): string {
  if (ref.kind === "project") return "project";
  return ref.kind === "database"
    ? `database/${ref.instance}/${ref.name}`
    : `${ref.kind}/${ref.name}`;
}

/** A principal in words, as tables and messages name it. */
export function nameOf(who: Principal): string {
  switch (who.kind) {
    case "program":
      return who.program;
    case "agent":
      return `${who.agent} service agent`;
    case "people":
      return who.people;
    case "audit":
      return "ledger audit";
    case "callers":
      return "ingest callers";
  }
}
