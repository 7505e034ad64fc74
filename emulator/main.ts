/**
 * Runs the three emulators on loopback: Pub/Sub here, the others in processes of their own, so that none waits
 * while another collects garbage or works on rows, and the control server of all. With
 * `GAVEL_EMULATORS=google`, Google's Pub/Sub and Spanner emulators beside it in place of ours. Ports are first
 * choices: where another program holds one, a free one is taken. Once all serve, a parent process is sent
 * the addresses; ends on SIGTERM or when the parent goes.
 */
import { createServer } from "node:net";
import { env, exit, stdout } from "node:process";
import { localPorts } from "../shared/names.ts";
import { type ControlledService, startControlServer } from "./control/control-server.ts";
import {
  GOOGLE_LIMITS,
  GOOGLE_SPANNER_VARIABLES,
  startGoogleEmulators,
} from "./google/google-emulators.ts";
import { messageOf } from "./grpc/message-of.ts";
import { startOwnProcess } from "./own-process.ts";

/** Addresses that programs connect to, by the variable that tells them. */
export type EmulatorEnvironment = Readonly<Record<string, string>>;

/** Pub/Sub and Spanner: ours, or Google's where `GAVEL_EMULATORS` is `google`. */
interface Messaging {
  readonly services: readonly ControlledService[];
  /** Ports of the control calls of what runs in a process of its own, by service. */
  readonly elsewhere: ReadonlyMap<string, number>;
  readonly environment: EmulatorEnvironment;
  /** What they cannot do, for the user to know. */
  readonly notices: readonly string[];
}

const wantsFree = env["GAVEL_FREE_PORTS"] === "1";
const taken: string[] = [];

async function portFor(name: keyof typeof localPorts): Promise<number> {
  if (wantsFree) return 0;
  const wanted = Number(env[`GAVEL_PORT_${name.toUpperCase()}`] ?? localPorts[name]);
  if (await isFree(wanted)) return wanted;
  taken.push(`${name}: port ${wanted} is taken, another one is used`);
  return 0;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

const local = (port: number): string => `127.0.0.1:${port}`;
const bigqueryStart = startOwnProcess("bigquery", [
  await portFor("bigqueryRest"),
  await portFor("bigqueryStorage"),
]);
const messaging = await (env["GAVEL_EMULATORS"] === "google" ? startGoogles() : startOwn());
const bigquery = await bigqueryStart;
const [bigqueryRest = 0, bigqueryStorage = 0] = bigquery.ports;
const control = await startControlServer({
  port: await portFor("control"),
  services: messaging.services,
  elsewhere: new Map([["bigquery", bigquery.controlPort], ...messaging.elsewhere]),
});

/** Our Pub/Sub, an endpoint a region, and our Spanner. */
async function startOwn(): Promise<Messaging> {
  const spannerStart = startOwnProcess("spanner", [await portFor("spanner")]);
  // Loaded while the processes of the others start.
  const { startPubsubEmulator } = await import("./pubsub/server.ts");
  const pubsub = await startPubsubEmulator({
    ports: {
      default: await portFor("pubsub"),
      us: await portFor("pubsubUs"),
      eu: await portFor("pubsubEu"),
      apac: await portFor("pubsubApac"),
    },
    bigQueryAddress: local((await bigqueryStart).ports[1] ?? 0),
  });
  const spanner = await spannerStart;
  return {
    services: [pubsub.control],
    elsewhere: new Map([["spanner", spanner.controlPort]]),
    environment: {
      PUBSUB_EMULATOR_HOST: local(pubsub.ports.default),
      GAVEL_PUBSUB_US: local(pubsub.ports.us),
      GAVEL_PUBSUB_EU: local(pubsub.ports.eu),
      GAVEL_PUBSUB_APAC: local(pubsub.ports.apac),
      SPANNER_EMULATOR_HOST: local(spanner.ports[0] ?? 0),
    },
    notices: [],
  };
}

/** Google's Pub/Sub, one endpoint for all regions, and Google's Spanner. */
async function startGoogles(): Promise<Messaging> {
  const ports = { pubsub: await portFor("pubsub"), spanner: await portFor("spanner") };
  const google = await startGoogleEmulators(ports).catch(refuse);
  return {
    services: [],
    elsewhere: new Map(),
    environment: {
      GAVEL_EMULATORS: "google",
      PUBSUB_EMULATOR_HOST: google.pubsub,
      GAVEL_PUBSUB_US: google.pubsub,
      GAVEL_PUBSUB_EU: google.pubsub,
      GAVEL_PUBSUB_APAC: google.pubsub,
      SPANNER_EMULATOR_HOST: google.spanner,
      ...GOOGLE_SPANNER_VARIABLES,
    },
    notices: GOOGLE_LIMITS,
  };
}

/** Tells the starter why nothing is served, and ends. */
function refuse(error: unknown): Promise<never> {
  const refusal = messageOf(error);
  stdout.write(`${refusal}\n`);
  return new Promise(() => {
    if (process.send === undefined) exit(1);
    process.send({ refusal }, () => exit(1));
  });
}

const environment: EmulatorEnvironment = {
  ...messaging.environment,
  BIGQUERY_EMULATOR_HOST: `http://${local(bigqueryRest)}/bigquery/v2`,
  BIGQUERY_EMULATOR_REST: `http://${local(bigqueryRest)}`,
  BIGQUERY_STORAGE_EMULATOR_HOST: local(bigqueryStorage),
  GAVEL_CONTROL: `http://${local(control.port)}`,
};
const { notices } = messaging;
for (const notice of notices) stdout.write(`${notice}\n`);
for (const line of taken) stdout.write(`${line}\n`);
if (process.send === undefined) {
  for (const [name, value] of Object.entries(environment))
    stdout.write(`export ${name}=${value}\n`);
} else process.send({ environment, notices });
process.on("SIGTERM", () => exit(0));
process.on("disconnect", () => exit(0));
