import type { Input, Resource } from "@pulumi/pulumi";
import { interpolate } from "@pulumi/pulumi";
import { cloudRegions, dataset, type RegionName, topics } from "../shared/names.ts";
import { grantsOf } from "./access/access-table.ts";
import { type Grant, nameOf, type Principal } from "./access/grant.ts";
import type { CloudConfig } from "./cloud-config.ts";
import { AccessGrants } from "./components/access-grants.ts";
import { ColumnTags } from "./components/column-tags.ts";
import { EncryptionKeys } from "./components/encryption-keys.ts";
import { EventImports } from "./components/event-imports.ts";
import type { EventTopic, EventTopicArgs } from "./components/event-topic.ts";
import { ImageRepository } from "./components/image-repository.ts";
import { LedgerAnalytics } from "./components/ledger-analytics.ts";
import { LedgerAudit, LedgerAuditor } from "./components/ledger-audit.ts";
import { Monitoring } from "./components/monitoring.ts";
import { ProjectServices } from "./components/project-services.ts";
import { SigningKeys } from "./components/signing-keys.ts";
import type { SpannerDatabaseArgs } from "./components/spanner-database.ts";
import type { Warehouse, WarehouseArgs } from "./components/warehouse.ts";
import { WebService } from "./components/web-service.ts";
import { WorkerAccounts } from "./components/worker-accounts.ts";
import { type RunArgs, WorkerPool } from "./components/worker-pool.ts";
import { homeRegionNameOf, homeRegionOf, type StackConfig } from "./config.ts";
import { spannerKeyLocationOf } from "./key-locations.ts";
import type { StackOutputs } from "./program.ts";
import { variablesOf } from "./program-settings.ts";
import { type ProgramName, programNames, programs, runNameOf, runsIn } from "./workers.ts";

const pubsubAgent = { kind: "agent", agent: "pubsub" } as const;

/** Rights that Pub/Sub needs before its subscriptions are made; the rest of the table follows them. */
const isNeededBySubscriptions = ({ who, on }: Grant): boolean =>
  who.kind === "agent" &&
  who.agent === "pubsub" &&
  (on.kind === "table" || (on.kind === "topic" && on.name === topics.deadLetters.name));

const consoleProgram = { kind: "program", program: "console" } as const;

/** What a stack has in the cloud and no emulator stands in for: accounts, rights, keys, machines, alarms. */
export class CloudPlane {
  readonly #config: StackConfig;
  readonly #cloud: CloudConfig;
  readonly #grants: readonly Grant[];
  readonly #services: ProjectServices;
  readonly #keys: EncryptionKeys;
  readonly #tags: ColumnTags;
  readonly #accounts: WorkerAccounts;
  readonly #auditor: LedgerAuditor;
  /** Everything waits for the services, and for the keys where there are any. */
  readonly #ready: readonly Resource[];

  constructor(config: StackConfig, cloud: CloudConfig) {
    const { project } = config;
    this.#config = config;
    this.#cloud = cloud;
    this.#grants = grantsOf(config);
    this.#services = new ProjectServices("services", project);
    const { enabled, agents } = this.#services;
    const grants = this.#grants.filter(({ on }) => on.kind === "key");
    this.#keys = new EncryptionKeys("keys", { project, grants, agents, after: enabled });
    this.#ready = [...enabled, ...this.#keys.usable];
    this.#tags = new ColumnTags("tags", { project, after: enabled });
    const run = programNames.filter((program) => runsIn(config, program));
    this.#accounts = new WorkerAccounts("accounts", { project, programs: run, after: enabled });
    this.#auditor = new LedgerAuditor("auditor", { project, after: enabled });
  }

  get forWarehouse(): Pick<WarehouseArgs, "policyTags" | "kmsKeyName" | "after"> {
    const key = this.#keys.in(dataset.location.toLowerCase());
    return { policyTags: this.#tags.ids, after: this.#ready, ...key };
  }

  /** A schema revision is published after the tables that archive its fields have them. */
  forTopics({ resources }: Warehouse): Pick<EventTopicArgs, "kmsKeyName" | "after"> {
    return { after: [...this.#ready, ...resources.values()], ...this.#keys.in("global") };
  }

  forDatabase(instanceConfig: string): Pick<SpannerDatabaseArgs, "kmsKeyName" | "after"> {
    return { after: this.#ready, ...this.#keys.in(spannerKeyLocationOf(instanceConfig)) };
  }

  /** Lets Pub/Sub write to the archive and to the dead letters; gives what subscriptions wait for. */
  grantBeforeSubscriptions(declared: ReadonlyMap<string, Resource>): readonly Resource[] {
    const grants = this.#grants.filter(isNeededBySubscriptions);
    const granted = this.#grant("pubsub-access", grants, declared);
    return [...granted.byPrincipal.values()].flat();
  }

  /**
   * Runs the programs on what is declared: readers of events first, then what writes them, so that no
   * event of a newer schema meets a worker of an older image.
   */
  run(data: ReadonlyMap<string, Resource>, topic: EventTopic): StackOutputs {
    const { project } = this.#config;
    const declared = new Map([...data, ...this.#declareRest(data, topic)]);
    const isServices = ({ on }: Grant): boolean => on.kind === "invoke" || on.kind === "web";
    const rest = this.#grants.filter(
      (grant) => grant.on.kind !== "key" && !isNeededBySubscriptions(grant) && !isServices(grant),
    );
    const { byPrincipal } = this.#grant("access", rest, declared);
    // A worker that nacks has Pub/Sub dead-letter: it needs its own rights and those of the agent.
    const rightsOf = (program: ProgramName): readonly Resource[] =>
      [{ kind: "program", program } as const, pubsubAgent].flatMap(
        (who) => byPrincipal.get(nameOf(who)) ?? [],
      );
    const pools = this.#places("pool").map(({ program, region }) => {
      const after = [...data.values(), ...rightsOf(program)];
      return new WorkerPool(runNameOf(program, region), this.#runArgs(program, region, after));
    });
    const readers = pools.map(({ pool }) => pool);
    const services = new Map(
      this.#places("service").map(({ program, region }) => {
        const after = [...data.values(), ...rightsOf(program), ...readers];
        const each = runNameOf(program, region);
        return [each, new WebService(each, this.#runArgs(program, region, after))];
      }),
    );
    const called = new Map<string, Resource>();
    for (const [name, { service }] of services) {
      called.set(`invoke/${name}`, service).set(`web/${name}`, service);
    }
    this.#grant("callers", this.#grants.filter(isServices), called);
    new LedgerAudit("audit", {
      project,
      auditor: this.#auditor,
      after: byPrincipal.get(nameOf({ kind: "audit" })) ?? [],
    });
    new Monitoring("monitoring", { ...this.#cloud, project, after: this.#services.enabled });
    const urls = [...services].map(([name, { url }]) => [`${name}-url`, url] as const);
    return Object.fromEntries([...urls, ["images", this.#images()]]);
  }

  /** What only the cloud has and rights are granted on. */
  #declareRest(data: ReadonlyMap<string, Resource>, topic: EventTopic): Map<string, Resource> {
    const keys = this.#keys;
    const signing = new SigningKeys("signing-keys", { ...this.#config, keys, after: this.#ready });
    const imports = new EventImports("imports", {
      ...this.#config,
      imports: this.#cloud.imports,
      deadLetterTopic: topic.idOf(topics.deadLetters.name),
      after: this.#ready,
      ...keys.in("global"),
    });
    const analytics = new LedgerAnalytics("finance", {
      ...this.#cloud,
      project: this.#config.project,
      readers: [consoleProgram, { kind: "audit" as const }].flatMap((who) => this.#membersOf(who)),
      declared: data,
    });
    return new Map<string, Resource>([
      ...this.#tags.resources,
      ...signing.resources,
      ...imports.resources,
      ...analytics.resources,
    ]);
  }

  #images() {
    const { project } = this.#config;
    const location = homeRegionOf(this.#config);
    const args = { project, location, keys: this.#keys, after: this.#ready };
    return new ImageRepository("images", args).path;
  }

  #grant(name: string, grants: readonly Grant[], declared: ReadonlyMap<string, Resource>) {
    const membersOf = (who: Principal) => this.#membersOf(who);
    const { project } = this.#config;
    const { roles } = this.#accounts;
    return new AccessGrants(name, { project, grants, membersOf, declared, roles });
  }

  /** Every place where programs of a kind run. */
  #places(kind: "pool" | "service"): { program: ProgramName; region: RegionName }[] {
    const home = homeRegionNameOf(this.#config);
    return programNames
      .filter((program) => programs[program].kind === kind && runsIn(this.#config, program))
      .flatMap((program) =>
        (programs[program].isRegional ? this.#config.regions : [home]).map((region) => ({
          program,
          region,
        })),
      );
  }

  #runArgs(program: ProgramName, region: RegionName, after: readonly Resource[]): RunArgs {
    const { project, deletionProtection } = this.#config;
    return {
      program,
      region,
      project,
      deletionProtection,
      image: this.#cloud.image,
      instances: this.#cloud.instances[program],
      variables: variablesOf(program, region, this.#config),
      account: this.#accounts.emailOf(program),
      encryptionKey: this.#keys.in(cloudRegions[region]),
      after,
    };
  }

  #membersOf(who: Principal): readonly Input<string>[] {
    switch (who.kind) {
      case "program":
        return [interpolate`serviceAccount:${this.#accounts.emailOf(who.program)}`];
      case "agent":
        return [this.#services.agents[who.agent]];
      case "audit":
        return [interpolate`serviceAccount:${this.#auditor.email}`];
      case "callers":
        return this.#cloud.ingestCallers;
      case "people":
        return this.#groupsOf(who.people).map((group) => `group:${group}`);
    }
  }

  #groupsOf(people: Extract<Principal, { kind: "people" }>["people"]): readonly string[] {
    const { financeGroup, financeRegionGroups, reviewerGroup, operatorGroup } = this.#cloud;
    switch (people) {
      case "finance":
        return [financeGroup];
      case "regional finance":
        return Object.values(financeRegionGroups);
      case "reviewers":
        return [reviewerGroup];
      case "operators":
        return [operatorGroup];
    }
  }
}
