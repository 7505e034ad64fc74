import { type ImportSource, readImportSources } from "./import-source.ts";
import type { SettingsReader } from "./settings.ts";
import { type ProgramName, programs } from "./workers.ts";

/** How many instances of a worker a region runs. Each is one process on one core. */
export interface InstanceRange {
  readonly min: number;
  readonly max: number;
}

/** What a stack in the cloud chooses on top of what the emulators have too. */
export interface CloudConfig {
  /** The one image of all workers, by digest where deletion protection is on. */
  readonly image: string;
  readonly instances: Readonly<Record<ProgramName, InstanceRange>>;
  /** `serviceAccount:…`, `principalSet:…`: who may call ingest. Its requests are signed besides. */
  readonly ingestCallers: readonly string[];
  /** Google groups: `group` reads all finance rows, `regional` those of one region each. */
  readonly financeGroup: string;
  readonly financeRegionGroups: Readonly<Record<string, string>>;
  /** Reviews flags and disputes in the console. */
  readonly reviewerGroup: string;
  /** Runs the system: reads subscriptions, dead letters, logs and dashboards; changes nothing. */
  readonly operatorGroup: string;
  readonly alertEmails: readonly string[];
  /** Where infra/README.md is read: alerts link to its sections. */
  readonly runbookUrl: string;
  /** Encrypts what is stored under keys of this project. Cannot be changed after creation. */
  readonly customerKeys: boolean;
  /** How long a backup of the ledger is kept. 1 to 366 days. */
  readonly backupRetentionDays: number;
  readonly billingAccount: string;
  /** Whole units of the billing account's currency a month; alerts at 50, 90 and 100 % of it. */
  readonly monthlyBudget: number;
  readonly imports: readonly ImportSource[];
  /**
   * How far behind the watermark an event may arrive and still be counted. Milliseconds, 0 to 3,600,000;
   * raising it makes rows final that much later.
   */
  readonly allowedLatenessMs: number;
  /** Sources that owe at the billing notice; all others owe at the win. */
  readonly billOnBilling: readonly string[];
  /** `USD=0.01`: how much of a currency may be missing from, or be over, what is called settled. */
  readonly tolerances: readonly string[];
}

const INSTANCES_MAX = 1000;
const EMAIL = /^[^@\s,]+@[^@\s,]+\.[^@\s,]+$/;
const DIGEST = /@sha256:[0-9a-f]{64}$/;
const IMAGE =
  /^[a-z0-9-]+-docker\.pkg\.dev\/[a-z0-9-]+\/[\w./-]+(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/;

/** Reads the part of a stack's settings that only the cloud has; faults go to `settings`. */
export function readCloudConfig(
  settings: SettingsReader,
  deletionProtection: boolean,
): CloudConfig {
  const group = (name: string): string =>
    settings.text(name, EMAIL, "the address of a Google group");
  const image = settings.text("image", IMAGE, "REGION-docker.pkg.dev/PROJECT/gavel/gavel@sha256:…");
  if (deletionProtection && !DIGEST.test(image)) {
    settings.fault(`image "${image}": a protected stack runs an image by its digest, @sha256:…`);
  }
  const instancesOf = (program: ProgramName) => readInstances(settings, program);
  return {
    image,
    instances: {
      window: instancesOf("window"),
      settlement: instancesOf("settlement"),
      detector: instancesOf("detector"),
      import: instancesOf("import"),
      ingest: instancesOf("ingest"),
      console: instancesOf("console"),
    },
    ingestCallers: settings.list(
      "ingestCallers",
      /^(serviceAccount:|principal:\/\/|principalSet:\/\/|group:)\S+$/,
      "members such as serviceAccount:ADDRESS",
    ),
    financeGroup: group("financeGroup"),
    financeRegionGroups: readRegionGroups(settings),
    reviewerGroup: group("reviewerGroup"),
    operatorGroup: group("operatorGroup"),
    alertEmails: readAlertEmails(settings),
    runbookUrl: settings.text("runbookUrl", /^https:\/\/[^\s#]+$/, "the URL of infra/README.md"),
    customerKeys: settings.boolean("customerKeys", false),
    backupRetentionDays: settings.integer("backupRetentionDays", { min: 1, max: 366, fallback: 7 }),
    billingAccount: settings.text(
      "billingAccount",
      /^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$/,
      "XXXXXX-XXXXXX-XXXXXX",
    ),
    monthlyBudget: settings.integer("monthlyBudget", { min: 1, max: 100_000_000, fallback: 0 }),
    imports: readImportSources(settings),
    allowedLatenessMs: settings.integer("allowedLatenessMs", {
      min: 0,
      max: 3_600_000,
      fallback: 120_000,
    }),
    billOnBilling: settings.list("billOnBilling", /^[\w.:-]{1,128}$/, "names of sources"),
    tolerances: settings.list(
      "tolerances",
      /^[A-Z]{3}=\d{1,9}(\.\d{1,9})?$/,
      "CURRENCY=AMOUNT, such as USD=0.01",
    ),
  };
}

function readAlertEmails(settings: SettingsReader): readonly string[] {
  const emails = settings.list("alertEmails", EMAIL, "e-mail addresses");
  if (emails.length === 0) settings.fault("alertEmails: give one at least, or alerts reach nobody");
  return emails;
}

/** `<program>Instances`: "3" or "1-10". A worker pool at 0 is stopped. */
function readInstances(settings: SettingsReader, program: ProgramName): InstanceRange {
  const name = `${program}Instances`;
  const text = settings.optional(name) ?? "1";
  const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(text);
  const min = Number(match?.[1]);
  const max = Number(match?.[2] ?? match?.[1]);
  const isZeroAllowed = max > 0 || programs[program].kind === "pool";
  if (match !== null && min <= max && max <= INSTANCES_MAX && isZeroAllowed) return { min, max };
  settings.fault(`${name} "${text}": give a number or MIN-MAX, up to ${INSTANCES_MAX}`);
  return { min: 1, max: 1 };
}

/** `financeRegionGroups`: `us=group,eu=group`. */
function readRegionGroups(settings: SettingsReader): Readonly<Record<string, string>> {
  const form = "us=GROUP, eu=GROUP or apac=GROUP";
  const pairs = settings.list("financeRegionGroups", /^(us|eu|apac)=[^@\s,]+@[^@\s,]+$/, form);
  return Object.fromEntries(pairs.map((pair) => pair.split("=", 2)));
}
