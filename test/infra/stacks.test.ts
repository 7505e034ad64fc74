import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tableWriters } from "../../infra/access/access-table.ts";
import { taggedColumns } from "../../infra/access/column-access.ts";
import { readmeSections, withSections } from "../../infra/docs/readme-sections.ts";
import { readStack } from "../../infra/docs/record-stack.ts";
import { cloudOnlyInputs, cloudOnlyKinds } from "../../infra/local/cloud-only.ts";
import { type EmulatedKind, emulatedInputs } from "../../infra/local/emulated-resources.ts";
import { AllowedGrants } from "../../infra/policy/allowed-grants.ts";
import { breachesOf } from "../../infra/policy/rules.ts";
import { variablesOf } from "../../infra/program-settings.ts";
import { accountIdOf, programNames, programs, runsIn } from "../../infra/workers.ts";
import {
  archiveSubscription,
  deadLetterSubscription,
  pullSubscriptions,
  regions,
} from "../../shared/names.ts";
import { ddlOf } from "../../shared/schema/read-migrations.ts";
import { tableOf, tables } from "../../shared/schema/warehouse.ts";
import { readConsoleConfig } from "../../workers/console/config.ts";
import { readDetectorConfig } from "../../workers/detector/config.ts";
import { readImportConfig } from "../../workers/import/config.ts";
import { readIngestConfig } from "../../workers/ingest/config.ts";
import { readSettlementWorkerConfig } from "../../workers/settlement/config.ts";
import { readWindowWorkerConfig } from "../../workers/window/config.ts";
import { DeclaredStack } from "./declared-stack.ts";
import { differingInputs, extraResources } from "./stack-differences.ts";

const prodConfig = readStack("prod");
const imports = [
  {
    kind: "confluent",
    name: "one",
    bootstrapServer: "b:9092",
    clusterId: "lkc-1",
    topic: "t",
    identityPoolId: "pool-1",
  },
  { kind: "msk", name: "two", clusterArn: "arn:cluster", topic: "t", awsRoleArn: "arn:role" },
  {
    kind: "kinesis",
    name: "three",
    streamArn: "arn:stream",
    consumerArn: "arn:consumer",
    awsRoleArn: "arn:role",
  },
] as const;
if (prodConfig.cloud === undefined) throw new Error("prod is in the cloud");
const importingConfig = {
  ...prodConfig,
  windowExactlyOnce: false,
  cloud: { ...prodConfig.cloud, imports },
};
let dev: DeclaredStack;
let prod: DeclaredStack;
let importing: DeclaredStack;

beforeAll(async () => {
  dev = await DeclaredStack.of(readStack("dev"));
  prod = await DeclaredStack.of(prodConfig);
  importing = await DeclaredStack.of(importingConfig);
}, 60_000);

test("infra/README.md shows the tables and the picture that the program gives", () => {
  const readme = readFileSync(join(import.meta.dirname, "../../infra/README.md"), "utf8");
  expect(withSections(readme, readmeSections(prod.resources))).toBe(readme);
});

test("neither stack breaches a policy", () => {
  for (const [stack, config] of [
    [dev, readStack("dev")],
    [prod, prodConfig],
    [importing, importingConfig],
  ] as const) {
    const facts = { isProduction: stack !== dev, allowed: new AllowedGrants(config) };
    const checked = stack.resources.map(({ type, name, inputs }) => ({
      type,
      name,
      props: inputs,
    }));
    expect(breachesOf(checked, facts)).toEqual([]);
  }
});

test("no two resources have one URN, and none was given an input that is not known", () => {
  for (const { resources } of [dev, prod, importing]) {
    expect(new Set(resources.map(({ urn }) => urn)).size).toBe(resources.length);
    expect(JSON.stringify(resources)).not.toMatch(/undefined|\[object|Calling \[toString\]/);
  }
});

test("each program takes the variables that a stack sets it by, and listens where Cloud Run calls it", () => {
  const read = {
    window: readWindowWorkerConfig,
    settlement: readSettlementWorkerConfig,
    detector: readDetectorConfig,
    import: readImportConfig,
    console: readConsoleConfig,
    ingest: (values: Parameters<typeof readIngestConfig>[0]) =>
      readIngestConfig({
        ...values,
        GAVEL_INGEST_KEYS: '{"one":{"k":"0123456789abcdef0123456789abcdef"}}',
      }),
  } as const;
  for (const [stack, config] of [
    [dev, readStack("dev")],
    [importing, importingConfig],
  ] as const) {
    for (const program of programNames.filter((each) => runsIn(config, each))) {
      const values = variablesOf(program, "us", config);
      expect(read[program](values)).toMatchObject({ project: config.project });
      const own = stack.resources.filter(
        ({ type, inputs }) => type.startsWith("gcp:cloudrunv2/") && runsAs(inputs, program),
      );
      for (const { inputs } of own) {
        for (const name of Object.keys(values))
          expect(JSON.stringify(inputs)).toContain(`"${name}"`);
      }
    }
  }
  expect(readConsoleConfig(variablesOf("console", "us", prodConfig)).host).toBe("0.0.0.0");
  expect(readDetectorConfig(variablesOf("detector", "us", readStack("dev"))).regions).toEqual([
    "us",
  ]);
  expect(readImportConfig(variablesOf("import", "us", importingConfig)).sources).toEqual(
    imports.map(({ name }) => name),
  );
});

test("dev and prod differ in what their settings say, and in nothing else", () => {
  const rename = ({ resources }: DeclaredStack) =>
    JSON.parse(JSON.stringify(resources).replaceAll(/my-gavel-(dev|prod)/g, "P"));
  expect(differingInputs(rename(dev), rename(prod))).toEqual({
    ...grantedToOthers,
    "gcp:artifactregistry/repository:Repository": ["kmsKeyName"],
    "gcp:bigquery/dataset:Dataset": ["defaultEncryptionConfiguration", "protect"],
    "gcp:bigquery/rowAccessPolicy:RowAccessPolicy": ["grantees"],
    "gcp:bigquery/table:Table": ["deletionProtection", "protect"],
    "gcp:billing/budget:Budget": [
      "allUpdatesRule.monitoringNotificationChannels",
      "amount.specifiedAmount.units",
    ],
    "gcp:cloudrunv2/service:Service": [
      "deletionProtection",
      "template.containers",
      "template.encryptionKey",
      "template.scaling.maxInstanceCount",
      "template.scaling.minInstanceCount",
    ],
    "gcp:cloudrunv2/workerPool:WorkerPool": [
      "deletionProtection",
      "scaling.manualInstanceCount",
      "scaling.maxInstanceCount",
      "scaling.minInstanceCount",
      "scaling.scalingMode",
      "template.containers",
      "template.encryptionKey",
    ],
    "gcp:monitoring/alertPolicy:AlertPolicy": ["notificationChannels"],
    "gcp:pubsub/schema:Schema": ["protect"],
    "gcp:pubsub/subscription:Subscription": ["messageRetentionDuration", "protect"],
    "gcp:pubsub/topic:Topic": [
      "kmsKeyName",
      "messageRetentionDuration",
      "messageStoragePolicy.allowedPersistenceRegions",
      "protect",
    ],
    "gcp:secretmanager/secret:Secret": [
      "deletionProtection",
      "protect",
      "replication.userManaged.replicas",
    ],
    "gcp:spanner/backupSchedule:BackupSchedule": ["retentionDuration"],
    "gcp:spanner/database:Database": [
      "deletionProtection",
      "enableDropProtection",
      "encryptionConfig",
      "protect",
    ],
    "gcp:spanner/instance:Instance": [
      "config",
      "edition",
      "forceDestroy",
      "processingUnits",
      "protect",
    ],
  });
  // Their receivers have other addresses; all else that dev has, prod has.
  expect(extraResources(dev.resources, prod.resources)).toEqual({
    "gcp:monitoring/notificationChannel:NotificationChannel": 1,
  });
});

const grantedToOthers = Object.fromEntries(
  [
    "gcp:bigquery/connectionIamMember:ConnectionIamMember",
    "gcp:bigquery/iamMember:IamMember",
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember",
    "gcp:datacatalog/policyTagIamMember:PolicyTagIamMember",
    "gcp:iap/webCloudRunServiceIamMember:WebCloudRunServiceIamMember",
    "gcp:projects/iAMMember:IAMMember",
    "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember",
    "gcp:spanner/databaseIAMMember:DatabaseIAMMember",
  ].map((type) => [type, ["member"]]),
);

test("every kind takes effect in the emulators or is listed as cloud-only, never both", () => {
  const kinds = new Set(importing.resources.map(({ type }) => type));
  const declared = [...kinds].filter((kind) => !kind.startsWith("rtb:")).toSorted();
  const listed = [...Object.keys(emulatedInputs), ...Object.keys(cloudOnlyKinds)].toSorted();
  expect(listed).toEqual(declared);
});

test("every input of an emulated kind takes effect there or is listed as cloud-only", () => {
  for (const kind of Object.keys(emulatedInputs) as EmulatedKind[]) {
    const given = importing
      .ofType(kind.slice("gcp:".length))
      .flatMap(({ inputs }) => Object.keys(inputs));
    const listed = [...emulatedInputs[kind], ...Object.keys(cloudOnlyInputs[kind])];
    expect([kind, [...new Set(given)].toSorted()]).toEqual([kind, listed.toSorted()]);
  }
});

test("subscriptions are those of shared/names, ordered, never expiring, with their filters", () => {
  const declared = prod.ofType("Subscription").map(({ inputs }) => inputs);
  for (const spec of pullSubscriptions()) {
    expect(declared).toContainEqual(
      expect.objectContaining({
        name: spec.name,
        filter: spec.filter,
        enableMessageOrdering: spec.ordered,
        enableExactlyOnceDelivery: spec.exactlyOnce,
        ackDeadlineSeconds: spec.ackDeadlineS,
        expirationPolicy: { ttl: "" },
      }),
    );
  }
  expect(declared.length).toBe(pullSubscriptions().length + 1);
  expect(dev.ofType("Subscription").map(({ name }) => name)).toEqual(
    expect.arrayContaining(["window-us", "settlement-us", deadLetterSubscription]),
  );
  expect(dev.ofType("Subscription").some(({ name }) => name.endsWith("-eu"))).toBe(false);
});

test("window workers can go without exactly-once delivery, and settlement cannot", () => {
  const isOn = (name: string) =>
    importing.named("Subscription", name).inputs["enableExactlyOnceDelivery"];
  expect(regions.map((region) => isOn(`window-${region}`))).toEqual([false, false, false]);
  expect(regions.map((region) => isOn(`settlement-${region}`))).toEqual([true, true, true]);
});

test("databases are made from the DDL in shared/schema, and tables from its columns", () => {
  for (const { inputs } of prod.ofType("Database")) {
    expect(inputs["ddls"]).toEqual(ddlOf(inputs["name"] === "ledger" ? "ledger" : "counts"));
    expect(inputs).toMatchObject({ deletionProtection: true, enableDropProtection: true });
  }
  for (const spec of tables) {
    const { inputs } = prod.named("Table", spec.name);
    const columns: { name: string; policyTags?: { names: string[] } }[] = JSON.parse(
      String(inputs["schema"]),
    );
    expect(columns.map(({ name }) => name)).toEqual(spec.columns.map(({ name }) => name));
    const tags = columns.flatMap(({ name, policyTags }) =>
      policyTags === undefined ? [] : [[name, policyTags.names[0]?.split("/").at(-1)]],
    );
    expect(Object.fromEntries(tags)).toEqual(taggedColumns[spec.name] ?? {});
    expect(inputs["maxStaleness"] !== undefined).toBe(spec.cdc === true);
  }
});

test("only the ledger is backed up, streams its changes, and is one instance across regions", () => {
  expect(prod.ofType("BackupSchedule").map(({ inputs }) => inputs["database"])).toEqual(["ledger"]);
  expect(ddlOf("ledger").filter((ddl) => ddl.startsWith("CREATE CHANGE STREAM"))).toHaveLength(1);
  expect(
    prod.ofType("Instance").map(({ inputs }) => [inputs["config"], inputs["edition"]]),
  ).toEqual([
    ["regional-us-central1", "STANDARD"],
    ["regional-europe-west1", "STANDARD"],
    ["regional-asia-northeast1", "STANDARD"],
    ["nam-eur-asia1", "ENTERPRISE_PLUS"],
  ]);
});

test("what holds data is protected in prod, by Google and by Pulumi, and can be destroyed in dev", () => {
  const kinds = ["Topic", "Subscription", "Database", "Instance", "Dataset", "Secret"];
  for (const kind of kinds) {
    expect([kind, prod.ofType(kind).every(({ isProtected }) => isProtected)]).toEqual([kind, true]);
    expect([kind, dev.ofType(kind).some(({ isProtected }) => isProtected)]).toEqual([kind, false]);
  }
});

test("customer keys encrypt whatever can be, once the service that encrypts may use them", () => {
  const keyed = prod.resources.filter(({ inputs }) =>
    /"(kmsKeyName|encryptionKey)"/.test(JSON.stringify(inputs)),
  );
  expect([...new Set(keyed.map(({ type }) => type.split(":").at(-1)))].toSorted()).toEqual([
    "Database",
    "Dataset",
    "Repository",
    "Secret",
    "Service",
    "Topic",
    "WorkerPool",
  ]);
  for (const resource of keyed) {
    const grants = [...prod.before(resource)].filter(({ type }) =>
      type.endsWith("CryptoKeyIAMMember"),
    );
    expect([resource.name, grants.length]).toEqual([
      resource.name,
      prod.ofType("CryptoKeyIAMMember").length,
    ]);
  }
  expect(dev.resources.some(({ type }) => type.startsWith("gcp:kms/"))).toBe(false);
});

test("a program starts after every right of its account, and after all that it reads and writes", () => {
  for (const program of programNames) {
    const runs = importing.resources.filter(
      ({ type, inputs }) => type.startsWith("gcp:cloudrunv2/") && runsAs(inputs, program),
    );
    expect(runs.length).toBe(programs[program].isRegional ? regions.length : 1);
    const grants = importing.resources.filter(({ inputs }) =>
      String(inputs["member"]).startsWith(`serviceAccount:${accountIdOf(program)}@`),
    );
    expect(grants.length).toBeGreaterThan(1);
    const data = [
      ...importing.ofType("Subscription"),
      ...importing.ofType("Database"),
      ...importing.ofType("Table"),
    ];
    for (const run of runs) {
      const before = importing.before(run);
      const missing = [...grants, ...data].filter((each) => !before.has(each));
      expect([run.name, missing.map(({ name }) => name)]).toEqual([run.name, []]);
    }
  }
});

function runsAs(inputs: Readonly<Record<string, unknown>>, program: (typeof programNames)[number]) {
  return JSON.stringify(inputs).includes(`"serviceAccount":"${accountIdOf(program)}@`);
}

test("Pub/Sub may write dead letters and the archive before a subscription is made", () => {
  const isNeeded = (name: string) => /^pubsub-service-agent.*(dead-letters|events_raw)$/.test(name);
  for (const subscription of prod.ofType("Subscription")) {
    const names = [...prod.before(subscription)].map(({ name }) => name).filter(isNeeded);
    expect([subscription.name, names.length]).toEqual([subscription.name, 2]);
  }
  const taken = prod
    .ofType("SubscriptionIAMMember")
    .filter(({ name }) => name.startsWith("pubsub-"));
  const withPolicy = prod
    .ofType("Subscription")
    .filter(({ inputs }) => "deadLetterPolicy" in inputs);
  for (const pool of prod.ofType("WorkerPool")) {
    const before = prod.before(pool);
    expect([pool.name, taken.every((each) => before.has(each))]).toEqual([pool.name, true]);
  }
  expect(taken.map(({ inputs }) => inputs["subscription"]).toSorted()).toEqual(
    withPolicy.map(({ name }) => name).toSorted(),
  );
});

test("a revision goes to tables, then the schema, then readers, then writers", () => {
  const schema = prod.ofType("Schema")[0];
  const topic = prod.named("Topic", "auction-events");
  const archive = prod.named("Table", archiveSubscription.table);
  if (schema === undefined) throw new Error("there is no schema");
  expect(prod.before(schema).has(archive)).toBe(true);
  expect(prod.before(topic).has(schema)).toBe(true);
  const pools = prod.ofType("WorkerPool");
  expect(pools.every((pool) => prod.before(pool).has(topic))).toBe(true);
  for (const service of prod
    .ofType("Service")
    .filter(({ type }) => type.startsWith("gcp:cloudrunv2/"))) {
    expect(pools.every((pool) => prod.before(service).has(pool))).toBe(true);
  }
});

test("exchanges' own streams are imported by their kinds, into topics with dead letters", () => {
  expect(prod.ofType("Topic").some(({ name }) => name.startsWith("import-"))).toBe(false);
  const settings = importing
    .ofType("Topic")
    .filter(({ name }) => name.startsWith("import-"))
    .map(({ name, inputs }) => [name, Object.keys(inputs["ingestionDataSourceSettings"] ?? {})]);
  expect(settings.toSorted()).toEqual([
    ["import-one", ["confluentCloud"]],
    ["import-three", ["awsKinesis"]],
    ["import-two", ["awsMsk"]],
  ]);
  expect(importing.named("Subscription", "import-two").inputs).toHaveProperty("deadLetterPolicy");
});

test("each table is written by somebody, and who writes names a table", () => {
  const written = [...Object.keys(tableWriters), archiveSubscription.table].toSorted();
  expect(written).toEqual(tables.map(({ name }) => name).toSorted());
  for (const [table, columns] of Object.entries(taggedColumns)) {
    const known = tableOf(table).columns.map(({ name }) => name);
    expect(known).toEqual(expect.arrayContaining(Object.keys(columns)));
  }
});

test("finance reads every row or its region's, and nobody else's reads rows at all", () => {
  const policies = prod
    .ofType("RowAccessPolicy")
    .map(({ inputs }) => [inputs["tableId"], inputs["filterPredicate"], inputs["grantees"]]);
  const every = [
    "group:gavel-finance@example.com",
    "serviceAccount:gavel-console@my-gavel-prod.iam.gserviceaccount.com",
    "serviceAccount:gavel-audit@my-gavel-prod.iam.gserviceaccount.com",
  ];
  expect(policies).toEqual(
    expect.arrayContaining([
      ["settlements", "TRUE", every],
      ["ledger", "TRUE", every],
      ["settlements", "region = 'eu'", ["group:gavel-finance-eu@example.com"]],
      ["settlements", "region = 'apac'", ["group:gavel-finance-apac@example.com"]],
    ]),
  );
  expect(policies).toHaveLength(4);
});
