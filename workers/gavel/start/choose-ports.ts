import { createServer } from "node:net";
import { localPorts } from "../../../shared/names.ts";
import { holderOf } from "./port-holder.ts";

export type PortName = keyof typeof localPorts;

/** The ports of a local system, and a sentence for each that is another one than usual. */
export interface ChosenPorts {
  readonly ports: Readonly<Record<PortName, number>>;
  readonly notes: readonly string[];
}

/** How far above its first choice a free port is looked for. */
const TRIES_MAX = 200;

/** The ports that the emulators listen on. */
export const emulatorPorts: readonly PortName[] = [
  "pubsub",
  "pubsubUs",
  "pubsubEu",
  "pubsubApac",
  "spanner",
  "bigqueryRest",
  "bigqueryStorage",
  "control",
];

/** Takes each named port's first choice, or the next free one above it where that is taken. */
export async function choosePorts(
  names: readonly PortName[] = Object.keys(localPorts) as PortName[],
): Promise<ChosenPorts> {
  const ports: Record<PortName, number> = { ...localPorts };
  const reserved = new Set<number>(Object.values(localPorts));
  const notes: string[] = [];
  for (const name of names) {
    const wanted = localPorts[name];
    if (await isFree(wanted)) continue;
    const port = await nextFree(wanted + 1, reserved);
    reserved.add(port);
    ports[name] = port;
    const holder = holderOf(wanted) ?? "another program";
    notes.push(`port ${wanted} (${name}) is taken by ${holder}: ${port} is used`);
  }
  return { ports, notes };
}

async function nextFree(from: number, reserved: ReadonlySet<number>): Promise<number> {
  for (let port = from; port < from + TRIES_MAX; port++) {
    if (!reserved.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`no port from ${from} to ${from + TRIES_MAX - 1} is free`);
}

/** Whether nobody listens on a port of loopback. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
