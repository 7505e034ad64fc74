import { archiveSubscription } from "../../shared/names.ts";
import type { StackConfig } from "../config.ts";
import { type ProgramName, runsIn } from "../workers.ts";
import type { AgentName, Grant, Principal } from "./grant.ts";
import {
  keysOf,
  subscriptionsOf,
  type Target,
  targets,
  topicOf,
  warehouseTable,
} from "./targets.ts";

/** One row of who may do what: a role on every resource of a target that a stack has. */
export interface AccessRow {
  readonly who: Principal;
  readonly role: string;
  readonly target: Target;
  readonly why: string;
}

/** Permissions of our own roles, where Google's carry more than a worker needs. */
export const customRoles = {
  /** `roles/spanner.databaseUser` may change the schema besides. */
  gavelSpannerWriter: [
    "spanner.databases.beginOrRollbackReadWriteTransaction",
    "spanner.databases.beginReadOnlyTransaction",
    "spanner.databases.read",
    "spanner.databases.select",
    "spanner.databases.write",
    "spanner.sessions.create",
    "spanner.sessions.delete",
    "spanner.sessions.get",
  ],
  /** `roles/bigquery.dataEditor` may read, delete and alter the table besides. */
  gavelTableWriter: ["bigquery.tables.get", "bigquery.tables.updateData"],
} as const;

/** Which programs write each BigQuery table; the archive is written by Pub/Sub. */
export const tableWriters: Readonly<Record<string, readonly ProgramName[]>> = {
  auction_counts: ["window"],
  late_events: ["window"],
  region_watermarks: ["window"],
  dead_letters: ["window", "settlement", "import"],
  settlements: ["settlement", "console"],
  ledger: ["settlement", "console"],
  bot_flags: ["detector"],
  segment_windows: ["detector"],
};

const SUBSCRIBER = "roles/pubsub.subscriber";
const PUBLISHER = "roles/pubsub.publisher";
const SPANNER_WRITER = "gavelSpannerWriter";
const SPANNER_READER = "roles/spanner.databaseReader";
const BIGQUERY_READER = "roles/bigquery.dataViewer";
const BIGQUERY_USER = "roles/bigquery.jobUser";
const COLUMN_READER = "roles/datacatalog.categoryFineGrainedReader";
const SITE_VISITOR = "roles/iap.httpsResourceAccessor";
const INVOKER = "roles/run.invoker";
const KEY_USER = "roles/cloudkms.cryptoKeyEncrypterDecrypter";

const { project, counts, ledger, moneyColumns, consoleSite } = targets;

const programRows: readonly AccessRow[] = [
  ...rowsOf(program("window"), [
    [SUBSCRIBER, subscriptionsOf("window"), "pulls and acks"],
    [SPANNER_WRITER, counts, "the auction log and watermarks"],
  ]),
  ...rowsOf(program("settlement"), [
    [SUBSCRIBER, subscriptionsOf("settlement"), "pulls and acks"],
    [SPANNER_WRITER, ledger, "settlements and entries"],
  ]),
  ...rowsOf(program("detector"), [
    [SPANNER_READER, counts, "closed slices"],
    [SPANNER_WRITER, ledger, "baselines, flags, leases"],
    [PUBLISHER, topicOf("botFlags"), "publishes flags"],
    [BIGQUERY_READER, warehouseTable("segment_windows"), "learns slices again"],
    [BIGQUERY_USER, project, "runs queries"],
  ]),
  ...rowsOf(program("ingest"), [
    [PUBLISHER, topicOf("auctionEvents"), "publishes events"],
    ["roles/secretmanager.secretAccessor", targets.signingKeys, "checks signatures"],
  ]),
  ...rowsOf(program("import"), [
    [SUBSCRIBER, targets.importSubscriptions, "pulls and acks"],
    [PUBLISHER, topicOf("auctionEvents"), "publishes events"],
  ]),
  ...rowsOf(program("console"), [
    [SPANNER_READER, counts, "live counts, why a window is open"],
    [SPANNER_WRITER, ledger, "reviews and resolutions"],
    [BIGQUERY_READER, targets.dataset, "history and finance"],
    [BIGQUERY_USER, project, "runs its queries"],
    [COLUMN_READER, moneyColumns, "finance pages"],
    ["roles/monitoring.viewer", project, "shows backlog"],
  ]),
  ...rowsOf({ kind: "audit" }, [
    [BIGQUERY_READER, warehouseTable("ledger"), "adds it up"],
    [BIGQUERY_USER, project, "runs its query"],
    [COLUMN_READER, moneyColumns, "reads amounts"],
  ]),
  ...Object.entries(tableWriters).flatMap(([table, writers]) =>
    writers.flatMap((writer) =>
      rowsOf(program(writer), [["gavelTableWriter", warehouseTable(table), "upserts rows"]]),
    ),
  ),
];

const peopleRows: readonly AccessRow[] = [
  ...(["finance", "regional finance"] as const).flatMap((people) =>
    rowsOf({ kind: "people", people }, [
      [BIGQUERY_READER, targets.financeTables, "reads its rows"],
      [COLUMN_READER, moneyColumns, "reads amounts"],
      [BIGQUERY_USER, project, "runs queries"],
    ]),
  ),
  ...rowsOf({ kind: "people", people: "finance" }, [
    ["roles/bigquery.connectionUser", targets.ledgerConnection, "the ledger from BigQuery"],
    ["roles/spanner.databaseReaderWithDataBoost", ledger, "the same, without load on workers"],
    [SITE_VISITOR, consoleSite, "finance pages"],
  ]),
  ...rowsOf({ kind: "people", people: "reviewers" }, [
    [SITE_VISITOR, consoleSite, "reviews flags"],
  ]),
  ...rowsOf({ kind: "people", people: "operators" }, [
    [SITE_VISITOR, consoleSite, "lag and health"],
    ["roles/monitoring.viewer", project, "dashboards and alerts"],
    ["roles/logging.viewer", project, "logs"],
    [SPANNER_READER, counts, "why a window is open"],
    [SUBSCRIBER, targets.deadLetterSubscription, "looks at what failed"],
  ]),
];

const agentRows: readonly AccessRow[] = [
  ...rowsOf(agent("pubsub"), [
    [PUBLISHER, topicOf("deadLetters"), "moves what failed there"],
    [SUBSCRIBER, targets.deadLettering, "takes it from here"],
    ["roles/bigquery.dataEditor", warehouseTable(archiveSubscription.table), "the archive"],
    [PUBLISHER, targets.importTopics, "fills them"],
    ["roles/iam.serviceAccountTokenCreator", targets.importAccount, "signs in to other clouds"],
  ]),
  ...rowsOf(agent("iap"), [[INVOKER, targets.consoleService, "passes on who signed in"]]),
  ...rowsOf({ kind: "callers" }, [[INVOKER, targets.ingestServices, "sends events, signed"]]),
  ...(
    ["pubsub", "bigquery", "spanner", "run", "secretmanager", "artifactregistry"] as const
  ).flatMap((each) => rowsOf(agent(each), [[KEY_USER, keysOf(each), "customer keys"]])),
];

/** The one table of who may do what: infra grants it, policies hold everything else against it. */
export const accessTable: readonly AccessRow[] = [...programRows, ...peopleRows, ...agentRows];

/** Every grant of a stack. */
export function grantsOf(config: StackConfig): readonly Grant[] {
  return accessTable
    .filter(({ who }) => who.kind !== "program" || runsIn(config, who.program))
    .flatMap(({ who, role, target }) => target.on(config).map((on) => ({ who, role, on })));
}

function rowsOf(
  who: Principal,
  rights: readonly (readonly [role: string, target: Target, why: string])[],
): readonly AccessRow[] {
  return rights.map(([role, target, why]) => ({ who, role, target, why }));
}

function program(name: ProgramName): Principal {
  return { kind: "program", program: name };
}

function agent(name: AgentName): Principal {
  return { kind: "agent", agent: name };
}
