/**
 * One HTTP server by which people, tests and `gavel chaos` steer the emulators on purpose:
 *
 *     GET    /                              services, their fault kinds and regions
 *     GET    /{service}/faults              rules in force
 *     POST   /{service}/faults              adds a rule (JSON, see FaultRule); answers {"id"}
 *     DELETE /{service}/faults              removes all; /{service}/faults/{id} removes one
 *     GET    /{service}/faults/counts       how often each kind struck each target
 *     POST   /{service}/faults/seed         {"seed": n} starts the drawing anew
 *     POST   /{service}/regions/{r}/cut     cuts a region off; …/heal heals it
 *     GET    /{service}/{route}             what else the service shows, e.g. /pubsub/backlog
 */
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { FaultPlan } from "../faults/fault-plan.ts";
import { messageOf } from "../grpc/message-of.ts";
import { readFaultRule } from "./fault-rule.ts";
import { RequestRefused, readJson } from "./json-body.ts";

/** What an emulator hands in to be steered. */
export interface ControlledService {
  /** First part of its paths, e.g. `pubsub`. */
  readonly name: string;
  readonly faults: FaultPlan;
  /** Kinds of fault that it knows; a rule of another kind is refused. */
  readonly faultKinds: readonly string[];
  /** Regions that it plays; undefined where it has none. */
  readonly regions?: {
    readonly names: readonly string[];
    readonly cut: () => readonly string[];
    readonly cutOff: (region: string) => void;
    readonly heal: (region: string) => void;
  };
  /** Further figures, each answered as JSON under its name. */
  readonly figures?: Readonly<Record<string, () => unknown>>;
}

export interface ControlServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/**
 * Serves the control calls of these services on loopback; port 0 takes a free one. Calls of a service that
 * runs elsewhere are passed on to its own control server on loopback.
 */
export async function startControlServer(options: {
  readonly port: number;
  readonly services: readonly ControlledService[];
  /** Ports of control servers, by the name of their service. */
  readonly elsewhere?: ReadonlyMap<string, number>;
}): Promise<ControlServer> {
  const services = new Map(options.services.map((service) => [service.name, service]));
  const elsewhere = options.elsewhere ?? new Map();
  const server = createServer((request, response) => {
    const port = elsewhere.get(partsOf(request)[0] ?? "");
    if (port !== undefined) {
      passOn(request, port, response);
      return;
    }
    answer({ services, elsewhere }, request).then(
      (body) => reply(response, 200, body),
      (error: unknown) => {
        const isRefusal = error instanceof RequestRefused;
        const message = messageOf(error);
        reply(response, isRefusal ? error.httpStatus : 500, { error: message });
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function reply(response: ServerResponse, httpStatus: number, body: unknown): void {
  response.writeHead(httpStatus, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}

interface Steered {
  readonly services: ReadonlyMap<string, ControlledService>;
  readonly elsewhere: ReadonlyMap<string, number>;
}

function partsOf(request: IncomingMessage): string[] {
  const { pathname } = new URL(request.url ?? "/", "http://control");
  return pathname.split("/").filter((part) => part !== "");
}

/** Hands a call to the control server of a service that runs elsewhere, and its answer back. */
function passOn(from: IncomingMessage, port: number, to: ServerResponse): void {
  const { method, url: path } = from;
  const onward = httpRequest({ host: "127.0.0.1", port, method, path }, (answered) => {
    to.writeHead(answered.statusCode ?? 500, answered.headers);
    answered.pipe(to);
  });
  onward.on("error", (error) => reply(to, 502, { error: messageOf(error) }));
  from.pipe(onward);
}

/** All services, by name. */
async function describeAll({ services, elsewhere }: Steered): Promise<Description[]> {
  const remote = [...elsewhere.values()].map(async (port): Promise<Description[]> => {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    return (await response.json()) as Description[];
  });
  const all = [...[...services.values()].map(describe), ...(await Promise.all(remote)).flat()];
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function answer(steered: Steered, request: IncomingMessage): Promise<unknown> {
  const { services, elsewhere } = steered;
  const [name = "", area = "", ...rest] = partsOf(request);
  if (name === "") return await describeAll(steered);
  const service = services.get(decodeURIComponent(name));
  if (service === undefined) {
    const known = [...services.keys(), ...elsewhere.keys()].join(", ");
    throw new RequestRefused(`There is no service ${name}: ${known}.`, { httpStatus: 404 });
  }
  if (area === "faults") return await answerFaults(service, request, rest);
  if (area === "regions") return answerRegions(service, request, rest);
  const figure = service.figures?.[area];
  if (figure === undefined || request.method !== "GET") throw noSuchCall(request);
  return figure();
}

interface Description {
  readonly name: string;
  readonly faultKinds: readonly string[];
  readonly regions: readonly string[];
  readonly cutOff: readonly string[];
  readonly figures: readonly string[];
}

function describe(service: ControlledService): Description {
  const { name, faultKinds, regions, figures } = service;
  return {
    name,
    faultKinds,
    regions: regions?.names ?? [],
    cutOff: regions?.cut() ?? [],
    figures: Object.keys(figures ?? {}),
  };
}

async function answerFaults(
  service: ControlledService,
  request: IncomingMessage,
  [id]: readonly string[],
): Promise<unknown> {
  const { faults } = service;
  switch (`${request.method} ${id ?? ""}`) {
    case "GET ":
      return faults.list();
    case "GET counts":
      return faults.counts();
    case "POST ":
      return { id: faults.add(readFaultRule(await readJson(request), service.faultKinds)) };
    case "POST seed":
      return reseed(faults, await readJson(request));
    case "DELETE ":
      faults.clear();
      return {};
    default:
      if (request.method !== "DELETE") throw noSuchCall(request);
      if (!faults.remove(id ?? ""))
        throw new RequestRefused(`There is no fault ${id}.`, { httpStatus: 404 });
      return {};
  }
}

function reseed(faults: FaultPlan, body: object): object {
  const seed = "seed" in body ? body.seed : undefined;
  if (typeof seed !== "number")
    throw new RequestRefused('The body is {"seed": number}.', { httpStatus: 400 });
  faults.reseed(seed);
  return {};
}

function answerRegions(
  { name, regions }: ControlledService,
  request: IncomingMessage,
  [region = "", verb]: readonly string[],
): unknown {
  if (regions === undefined)
    throw new RequestRefused(`The service ${name} has no regions.`, { httpStatus: 404 });
  if (request.method === "GET" && region === "") {
    return { names: regions.names, cutOff: regions.cut() };
  }
  if (!regions.names.includes(region)) {
    throw new RequestRefused(`There is no region ${region}: ${regions.names.join(", ")}.`, {
      httpStatus: 404,
    });
  }
  if (request.method !== "POST" || (verb !== "cut" && verb !== "heal")) throw noSuchCall(request);
  if (verb === "cut") regions.cutOff(region);
  else regions.heal(region);
  return { names: regions.names, cutOff: regions.cut() };
}

function noSuchCall(request: IncomingMessage): RequestRefused {
  return new RequestRefused(`There is no call ${request.method} ${request.url}.`, {
    httpStatus: 404,
  });
}
