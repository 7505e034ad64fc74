import {
  Server,
  ServerCredentials,
  type ServerOptions,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { ControlledService } from "../control/control-server.ts";
import { FaultPlan } from "../faults/fault-plan.ts";
import type { StatusError } from "../grpc/status-error.ts";
import { type BacklogFigures, backlogFigures } from "./backlog-figures.ts";
import { BigQueryDelivery } from "./bigquery-delivery.ts";
import { DeliveryLoop } from "./delivery-loop.ts";
import { FAULT_KINDS } from "./fault-kinds.ts";
import { HeldAcks } from "./held-acks.ts";
import { type MessageEndpoint, publishHandler, pullHandlers } from "./message-handlers.ts";
import { loadPubsubServices } from "./pubsub-services.ts";
import { unavailable } from "./refusal.ts";
import {
  publisherHandlers,
  schemaHandlers,
  snapshotHandlers,
  subscriptionHandlers,
} from "./resource-handlers.ts";
import { PubsubState } from "./state.ts";

export const REGIONS = ["us", "eu", "apac"] as const;
export type Region = (typeof REGIONS)[number];

export interface PubsubEmulatorOptions {
  /** Port of each endpoint; 0 or none takes a free one. The default endpoint plays region us. */
  readonly ports?: { readonly [Endpoint in Region | "default"]?: number };
  /** Seed of the fault plan. */
  readonly seed?: number;
  /** `host:port` of the Storage Write API that BigQuery subscriptions write to; without it they wait. */
  readonly bigQueryAddress?: string;
}

export interface PubsubEmulator {
  readonly ports: { readonly [Endpoint in Region | "default"]: number };
  readonly state: PubsubState;
  readonly faults: FaultPlan;
  /** What the control server needs to steer this emulator. */
  readonly control: ControlledService;
  readonly backlog: () => BacklogFigures[];
  readonly cutOff: (region: Region) => void;
  readonly heal: (region: Region) => void;
  readonly close: () => void;
}

/** Messages and responses may be 10 MB and more; the window keeps a fast stream from waiting on acks. */
const SERVER_OPTIONS: ServerOptions = {
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc.enable_channelz": 0,
  "grpc-node.flow_control_window": 4 * 1024 * 1024,
};

/** Serves Pub/Sub on loopback: a default endpoint and one for each region. */
export async function startPubsubEmulator(
  options: PubsubEmulatorOptions = {},
): Promise<PubsubEmulator> {
  const nowMs = () => Date.now();
  const faults = new FaultPlan(options.seed ?? 1);
  const state = new PubsubState({ regions: REGIONS, firstMessageId: nowMs() * 1000, faults });
  const { bigQueryAddress } = options;
  const loop = new DeliveryLoop(state, nowMs, (subscription) => bigQuery?.attend(subscription));
  const bigQuery =
    bigQueryAddress === undefined
      ? undefined
      : new BigQueryDelivery({ state, loop, nowMs }, bigQueryAddress);
  const heldAcks = new HeldAcks(state, nowMs);
  const servers: Server[] = [];
  const serve = async (region: Region, port = 0) => {
    const server = createServer(
      endpointOf({ state, loop, nowMs, heldAcks }, REGIONS.indexOf(region)),
    );
    servers.push(server);
    return await bind(server, port);
  };
  const ports = {
    default: await serve("us", options.ports?.default),
    us: await serve("us", options.ports?.us),
    eu: await serve("eu", options.ports?.eu),
    apac: await serve("apac", options.ports?.apac),
  };
  const cutOff = (region: Region) => {
    state.cutOff(REGIONS.indexOf(region));
    loop.resetRegion(REGIONS.indexOf(region), () => refusalOfCutRegion(faults, region));
  };
  const heal = (region: Region) => {
    state.heal(REGIONS.indexOf(region));
    loop.wake();
  };
  const backlog = () => backlogFigures(state.catalog, nowMs());
  return {
    ports,
    state,
    faults,
    control: controlledService({ state, faults, cutOff, heal, backlog }),
    backlog,
    cutOff,
    heal,
    close: () => {
      bigQuery?.close();
      loop.close();
      for (const server of servers) server.forceShutdown();
    },
  };
}

function endpointOf(
  parts: Pick<MessageEndpoint, "state" | "loop" | "nowMs" | "heldAcks">,
  region: number,
): MessageEndpoint {
  const { state, loop } = parts;
  return {
    ...parts,
    region,
    wake: () => loop.wake(),
    checkReachable: () => {
      if (state.isCutOff(region)) throw refusalOfCutRegion(state.faults, REGIONS[region] ?? "");
    },
  };
}

/** What a call to a cut-off region gets, and a stream that it breaks; each is counted. */
function refusalOfCutRegion(faults: FaultPlan, region: string): StatusError {
  faults.count("cutOff", region);
  return unavailable(`Region ${region} is cut off.`);
}

function createServer(endpoint: MessageEndpoint): Server {
  const services = loadPubsubServices();
  const server = new Server(SERVER_OPTIONS);
  const publisher: UntypedServiceImplementation = {
    ...publisherHandlers(endpoint),
    ...publishHandler(endpoint),
  };
  const subscriber: UntypedServiceImplementation = {
    ...subscriptionHandlers(endpoint),
    ...snapshotHandlers(endpoint),
    ...pullHandlers(endpoint),
  };
  server.addService(services.publisher, publisher);
  server.addService(services.subscriber, subscriber);
  server.addService(services.schemas, schemaHandlers(endpoint));
  return server;
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
}

function controlledService(
  parts: Pick<PubsubEmulator, "state" | "faults" | "cutOff" | "heal" | "backlog">,
): ControlledService {
  const { state, faults, cutOff, heal, backlog } = parts;
  const regionOf = (name: string): Region => REGIONS.find((region) => region === name) ?? "us";
  return {
    name: "pubsub",
    faults,
    faultKinds: FAULT_KINDS,
    regions: {
      names: REGIONS,
      cut: () => REGIONS.filter((_, index) => state.isCutOff(index)),
      cutOff: (name) => cutOff(regionOf(name)),
      heal: (name) => heal(regionOf(name)),
    },
    figures: { backlog },
  };
}
