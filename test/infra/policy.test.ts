import { readStack } from "../../infra/docs/record-stack.ts";
import { AllowedGrants } from "../../infra/policy/allowed-grants.ts";
import { breachesOf, rules } from "../../infra/policy/rules.ts";

const config = readStack("prod");
const facts = { isProduction: true, allowed: new AllowedGrants(config) };

const window = `serviceAccount:gavel-window@${config.project}.iam.gserviceaccount.com`;
const topicGrant = "gcp:pubsub/topicIAMMember:TopicIAMMember";
const subscription = "gcp:pubsub/subscription:Subscription";
const kept = { expirationPolicy: { ttl: "" }, deadLetterPolicy: { deadLetterTopic: "d" } };

/** One planted breach or more for every rule: the record has no cell for a rule that is not proven. */
const planted: Readonly<Record<string, readonly [string, Record<string, unknown>][]>> = {
  "no-public-access": [
    [
      "gcp:cloudrunv2/serviceIamMember:ServiceIamMember",
      { member: "allUsers", role: "roles/run.invoker" },
    ],
    [topicGrant, { members: ["allAuthenticatedUsers"], role: "roles/pubsub.publisher" }],
    ["gcp:cloudrunv2/service:Service", { invokerIamDisabled: true }],
    ["gcp:bigquery/dataset:Dataset", { accesses: [{ specialGroup: "projectReaders" }] }],
  ],
  "no-primitive-roles": [
    ["gcp:projects/iAMMember:IAMMember", { member: "group:a@example.com", role: "roles/editor" }],
  ],
  "no-whole-policies": [
    ["gcp:pubsub/topicIAMPolicy:TopicIAMPolicy", { topic: "auction-events", policyData: "{}" }],
  ],
  "no-keys": [["gcp:serviceaccount/key:Key", { serviceAccountId: "gavel-window" }]],
  "dead-letters": [[subscription, { name: "window-us", expirationPolicy: { ttl: "" } }]],
  "no-expiry": [
    [subscription, { ...kept, name: "a", expirationPolicy: { ttl: "2678400s" } }],
    [subscription, { name: "b", deadLetterPolicy: {}, expirationPolicy: undefined }],
  ],
  "table-keys": [
    ["gcp:bigquery/table:Table", { deletionProtection: true, schema: '[{"name":"bid_id"}]' }],
    [
      "gcp:spanner/database:Database",
      { deletionProtection: true, ddls: ["CREATE TABLE A (x INT64)"] },
    ],
  ],
  "deletion-protection": [
    ["gcp:spanner/database:Database", { deletionProtection: false, ddls: [] }],
    ["gcp:bigquery/table:Table", { deletionProtection: false, view: {} }],
  ],
  "image-digest": [
    [
      "gcp:cloudrunv2/workerPool:WorkerPool",
      { template: { containers: [{ image: "gavel:latest" }] } },
    ],
  ],
  "least-privilege": [
    [topicGrant, { member: window, role: "roles/pubsub.publisher", topic: "auction-events" }],
    ["gcp:projects/iAMMember:IAMMember", { member: window, role: "roles/pubsub.subscriber" }],
    [
      "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
      { member: window, role: "roles/cloudkms.admin" },
    ],
    [
      "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember",
      { member: window, role: "roles/pubsub.subscriber", subscription: "settlement-us" },
    ],
  ],
};

test("every rule has a planted breach", () => {
  expect(Object.keys(planted).toSorted()).toEqual(rules.map(({ name }) => name).toSorted());
});

test.each(
  Object.entries(planted).flatMap(([rule, breaches]) =>
    breaches.map(([type, props]) => [rule, type, props] as const),
  ),
)("%s refuses a planted %s", (rule, type, props) => {
  const found = breachesOf([{ type, name: "planted", props }], facts);
  expect(found).toEqual([expect.stringContaining(`${rule}: ${type} planted`)]);
});
