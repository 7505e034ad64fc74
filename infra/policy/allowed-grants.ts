import { grantsOf } from "../access/access-table.ts";
import { type Grant, keyOf, type ResourceRef } from "../access/grant.ts";
import type { StackConfig } from "../config.ts";
import { AUDIT_ACCOUNT, accountIdOf } from "../workers.ts";
import type { CheckedResource } from "./rules.ts";

/** How each kind of grant names what it is on; a kind that is missing here is refused to our accounts. */
const targetOf: Readonly<Record<string, (props: CheckedResource["props"]) => string>> = {
  "gcp:projects/iAMMember:IAMMember": () => "project",
  "gcp:pubsub/topicIAMMember:TopicIAMMember": ({ topic }) => `topic/${topic}`,
  "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember": ({ subscription }) =>
    `subscription/${subscription}`,
  "gcp:spanner/databaseIAMMember:DatabaseIAMMember": ({ instance, database }) =>
    `database/${instance}/${database}`,
  "gcp:bigquery/datasetIamMember:DatasetIamMember": ({ datasetId }) => `dataset/${datasetId}`,
  "gcp:bigquery/iamMember:IamMember": ({ tableId }) => `table/${tableId}`,
  "gcp:secretmanager/secretIamMember:SecretIamMember": ({ secretId }) => `secret/${secretId}`,
  // Google names a tag by a number of its own choice, so any tag of the table will do.
  "gcp:datacatalog/policyTagIamMember:PolicyTagIamMember": () => "policyTag",
};

/** The (resource, role) pairs of our accounts, against which any grant to one of them is held. */
export class AllowedGrants {
  readonly #project: string;
  readonly #pairs: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(config: StackConfig) {
    this.#project = config.project;
    const pairs = new Map<string, Set<string>>();
    for (const grant of grantsOf(config)) {
      const account = accountOf(grant);
      if (account === undefined) continue;
      const email = `${account}@${config.project}.iam.gserviceaccount.com`;
      pairs.set(email, (pairs.get(email) ?? new Set()).add(pairOf(grant.on, grant.role)));
    }
    this.#pairs = pairs;
  }

  /** What is wrong with a grant, or with a right that is not given by one at all. */
  faultsOf({ type, props }: CheckedResource): readonly string[] {
    return emailsIn(props, this.#project).flatMap((email) => {
      const allowed = this.#pairs.get(email);
      if (allowed === undefined) return [];
      const target = targetOf[type]?.(props) ?? type;
      const role = String(props["role"]).replace(/^projects\/[^/]+\/roles\//, "");
      return allowed.has(`${target} ${role}`)
        ? []
        : [`gives ${email} ${role} on ${target}: the access table does not`];
    });
  }
}

function accountOf({ who }: Grant): string | undefined {
  if (who.kind === "program") return accountIdOf(who.program);
  return who.kind === "audit" ? AUDIT_ACCOUNT : undefined;
}

function pairOf(on: ResourceRef, role: string): string {
  return `${on.kind === "policyTag" ? on.kind : keyOf(on)} ${role}`;
}

/** Our accounts that an IAM resource names. */
function emailsIn({ role, member, members }: CheckedResource["props"], project: string): string[] {
  if (role === undefined) return [];
  const named = [member, ...(Array.isArray(members) ? members : [])].map(String);
  const suffix = `@${project}.iam.gserviceaccount.com`;
  return named
    .filter((each) => each.endsWith(suffix))
    .map((each) => each.replace("serviceAccount:", ""));
}
