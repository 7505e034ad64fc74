/**
 * Runs the three emulators in one process on loopback, with their control server. Ports are first
 * choices: where another program holds one, a free one is taken. Once all serve, a parent process is sent
 * the addresses; ends on SIGTERM or when the parent goes.
 */
import { createServer } from "node:net";
import { env, exit, stdout } from "node:process";
import { localPorts } from "../shared/names.ts";
import { startBigQueryEmulator } from "./bigquery/server.ts";
import { startControlServer } from "./control/control-server.ts";
import { startPubsubEmulator } from "./pubsub/server.ts";
import { startSpannerEmulator } from "./spanner/server.ts";

/** Addresses that programs connect to, by the variable that tells them. */
export type EmulatorEnvironment = Readonly<Record<string, string>>;

/** Kinds of fault, as each emulator's README describes them. */
const BIGQUERY_FAULTS = ["appendLost", "timeout", "quota", "schemaLag"];
const SPANNER_FAULTS = [
  "aborted",
  "unavailable",
  "outcomeUnknown",
  "replyLost",
  "slowCommit",
  "cutOff",
];

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

const bigquery = await startBigQueryEmulator({
  restPort: await portFor("bigqueryRest"),
  storagePort: await portFor("bigqueryStorage"),
});
const pubsub = await startPubsubEmulator({
  ports: {
    default: await portFor("pubsub"),
    us: await portFor("pubsubUs"),
    eu: await portFor("pubsubEu"),
    apac: await portFor("pubsubApac"),
  },
  bigQueryAddress: `127.0.0.1:${bigquery.storagePort}`,
});
const spanner = await startSpannerEmulator({ port: await portFor("spanner") });
const control = await startControlServer({
  port: await portFor("control"),
  services: [
    pubsub.control,
    { name: "bigquery", faults: bigquery.faults, faultKinds: BIGQUERY_FAULTS },
    { name: "spanner", faults: spanner.faults, faultKinds: SPANNER_FAULTS },
  ],
});

const local = (port: number): string => `127.0.0.1:${port}`;
const environment: EmulatorEnvironment = {
  PUBSUB_EMULATOR_HOST: local(pubsub.ports.default),
  GAVEL_PUBSUB_US: local(pubsub.ports.us),
  GAVEL_PUBSUB_EU: local(pubsub.ports.eu),
  GAVEL_PUBSUB_APAC: local(pubsub.ports.apac),
  SPANNER_EMULATOR_HOST: spanner.address,
  BIGQUERY_EMULATOR_HOST: `http://${local(bigquery.restPort)}/bigquery/v2`,
  BIGQUERY_EMULATOR_REST: `http://${local(bigquery.restPort)}`,
  BIGQUERY_STORAGE_EMULATOR_HOST: local(bigquery.storagePort),
  GAVEL_CONTROL: `http://${local(control.port)}`,
};
for (const line of taken) stdout.write(`${line}\n`);
if (process.send === undefined) {
  for (const [name, value] of Object.entries(environment))
    stdout.write(`export ${name}=${value}\n`);
} else process.send({ environment });
process.on("SIGTERM", () => exit(0));
process.on("disconnect", () => exit(0));
