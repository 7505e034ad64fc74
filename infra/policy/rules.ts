import { deadLetterSubscription } from "../../shared/names.ts";
import type { AllowedGrants } from "./allowed-grants.ts";

/** A resource as a policy sees it. */
export interface CheckedResource {
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
}

/** What rules know of the stack that a resource belongs to. */
export interface StackFacts {
  readonly isProduction: boolean;
  readonly allowed: AllowedGrants;
}

export interface Rule {
  readonly name: string;
  readonly description: string;
  /** What is wrong, one sentence each with how to mend it; empty where nothing is. */
  readonly faultsOf: (resource: CheckedResource, facts: StackFacts) => readonly string[];
}

const PUBLIC = /\b(allUsers|allAuthenticatedUsers|projectReaders|projectWriters|projectOwners)\b/;
const PRIMITIVE = /^roles\/(owner|editor|viewer)$/;
const KEYS = new Set(["gcp:serviceaccount/key:Key", "gcp:storage/hmacKey:HmacKey"]);
const PROTECTED = new Set(["gcp:spanner/database:Database", "gcp:bigquery/table:Table"]);

const noPublicAccess: Rule = {
  name: "no-public-access",
  description: "Nobody unnamed is let in.",
  faultsOf: ({ props }) => [
    ...(membersOf(props).some((member) => PUBLIC.test(member))
      ? ["lets in everybody: name the accounts or groups"]
      : []),
    ...(props["invokerIamDisabled"] === true
      ? ["is called without a right to: remove invokerIamDisabled"]
      : []),
    ...(PUBLIC.test(JSON.stringify(props["accesses"] ?? ""))
      ? ["gives a dataset to a special group: grant it to accounts or groups"]
      : []),
  ],
};

const noPrimitiveRoles: Rule = {
  name: "no-primitive-roles",
  description: "Nobody is granted owner, editor or viewer.",
  faultsOf: ({ props }) =>
    PRIMITIVE.test(String(props["role"]))
      ? [`grants ${props["role"]}: grant a role of the service that is used`]
      : [],
};

const noWholePolicies: Rule = {
  name: "no-whole-policies",
  description: "Rights are granted one by one, where they can be read.",
  faultsOf: ({ props }) =>
    props["policyData"] === undefined
      ? []
      : ["sets a whole policy at once: grant roles one by one (IamMember)"],
};

const noKeys: Rule = {
  name: "no-keys",
  description: "No account has a key that could be copied.",
  faultsOf: ({ type }) =>
    KEYS.has(type) ? ["is a key of an account: let what needs it run as the account"] : [],
};

const deadLetters: Rule = {
  name: "dead-letters",
  description:
    "Every subscription but that of the dead letters themselves has a dead-letter topic.",
  faultsOf: ({ type, props }) =>
    type === "gcp:pubsub/subscription:Subscription" &&
    props["deadLetterPolicy"] === undefined &&
    props["name"] !== deadLetterSubscription
      ? ["has no deadLetterPolicy: one message that fails would hold up its key for days"]
      : [],
};

const noExpiry: Rule = {
  name: "no-expiry",
  description: "No subscription goes away because nobody read it for a month.",
  faultsOf: ({ type, props }) => {
    if (type !== "gcp:pubsub/subscription:Subscription") return [];
    return textOf(props["expirationPolicy"], "ttl") === ""
      ? []
      : ['expires when it is idle: set expirationPolicy { ttl: "" }'];
  },
};

const tableKeys: Rule = {
  name: "table-keys",
  description: "Every table has a primary key, but for the archive, which is appended to.",
  faultsOf: ({ type, props }) => {
    if (type === "gcp:spanner/database:Database") {
      return ddlsOf(props)
        .filter((ddl) => /^CREATE TABLE/.test(ddl) && !/PRIMARY KEY/.test(ddl))
        .map((ddl) => `has "${ddl.slice(0, 40)}…" without PRIMARY KEY`);
    }
    const isTable = type === "gcp:bigquery/table:Table" && props["view"] === undefined;
    // Pub/Sub writes metadata columns of these names into an archive.
    const isArchive = String(props["schema"]).includes('"subscription_name"');
    return isTable && !isArchive && props["tableConstraints"] === undefined
      ? ["has no primary key: rows of a redelivery would be there twice"]
      : [];
  },
};

const deletionProtection: Rule = {
  name: "deletion-protection",
  description: "In production no database and no table can be deleted.",
  faultsOf: ({ type, props }, { isProduction }) =>
    isProduction && PROTECTED.has(type) && props["deletionProtection"] !== true
      ? ["can be deleted: set deletionProtection"]
      : [],
};

const imageDigest: Rule = {
  name: "image-digest",
  description: "In production an image is named by its digest.",
  faultsOf: ({ type, props }, { isProduction }) =>
    isProduction && type.startsWith("gcp:cloudrunv2/") && type.match(/:(WorkerPool|Service)$/)
      ? imagesOf(props)
          .filter((image) => !/@sha256:[0-9a-f]{64}$/.test(image))
          .map((image) => `runs ${image}: name it by its digest, @sha256:…`)
      : [],
};

const leastPrivilege: Rule = {
  name: "least-privilege",
  description:
    "An account of ours has the roles of the access table, on its resources, and no more.",
  faultsOf: (resource, { allowed }) => allowed.faultsOf(resource),
};

/** Every rule, for the pack and for the tests. */
export const rules: readonly Rule[] = [
  noPublicAccess,
  noPrimitiveRoles,
  noWholePolicies,
  noKeys,
  deadLetters,
  noExpiry,
  tableKeys,
  deletionProtection,
  imageDigest,
  leastPrivilege,
];

/** Every breach in a stack, with the resource and the rule. */
export function breachesOf(
  resources: readonly CheckedResource[],
  facts: StackFacts,
): readonly string[] {
  return rules.flatMap((rule) =>
    resources.flatMap((resource) =>
      rule
        .faultsOf(resource, facts)
        .map((fault) => `${rule.name}: ${resource.type} ${resource.name} ${fault}`),
    ),
  );
}

function membersOf(props: CheckedResource["props"]): readonly string[] {
  const members: unknown = props["members"] ?? [];
  return [props["member"], ...(Array.isArray(members) ? members : [])].map(String);
}

function ddlsOf(props: CheckedResource["props"]): readonly string[] {
  const ddls: unknown = props["ddls"];
  return Array.isArray(ddls) ? ddls.map(String) : [];
}

function textOf(object: unknown, field: string): unknown {
  return new Map(Object.entries(object ?? {})).get(field);
}

function imagesOf(props: CheckedResource["props"]): readonly string[] {
  const containers = textOf(props["template"], "containers");
  return Array.isArray(containers) ? containers.map((each) => String(textOf(each, "image"))) : [];
}
