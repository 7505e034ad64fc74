import { connect } from "node:net";
import { UsageError } from "../../shared/core/errors.ts";
import type { Addresses } from "./addresses.ts";
import { findAddresses } from "./running-system.ts";

const SERVICES = ["pubsub", "spanner", "bigqueryRest", "storageWrite"] as const;
/** A service that a command talks to. */
export type Service = (typeof SERVICES)[number];

const PATIENCE_MS = 2000;

/**
 * Addresses of the system that a command is for, once each of its services' emulators has answered: the
 * clients themselves would try for half a minute before they say that nothing is there. Throws a UsageError
 * that names the address and how to mend it. Services in the cloud are not asked.
 */
export async function reachSystem(
  services: readonly Service[],
  addresses = findAddresses(),
): Promise<Addresses> {
  const isLocal = SERVICES.some((service) => placesOf(addresses, service).length > 0);
  for (const service of services) {
    const emulators = placesOf(addresses, service);
    if (emulators.length === 0 && isLocal) throw unnamed(service);
    const faults = await Promise.all(emulators.map(faultOf));
    // One region that is cut off is no reason to refuse the others.
    const [fault] = faults;
    if (fault !== undefined && faults.every((each) => each !== undefined)) {
      throw new UsageError(
        `nothing answers at ${emulators[0]} (${variables[service]}, ${fault}): start the system with \`npm start\`, or set the variable to where it runs`,
      );
    }
  }
  return addresses;
}

const variables: Readonly<Record<Service, string>> = {
  pubsub: "PUBSUB_EMULATOR_HOST",
  spanner: "SPANNER_EMULATOR_HOST",
  bigqueryRest: "BIGQUERY_EMULATOR_REST",
  storageWrite: "BIGQUERY_STORAGE_EMULATOR_HOST",
};

function placesOf(addresses: Addresses, service: Service): string[] {
  const own = addresses[service];
  const places = typeof own === "object" ? Object.values(own) : [own];
  return places.filter((place) => place !== undefined);
}

/** Without an address the client would look for the cloud, beside emulators. */
function unnamed(service: Service): UsageError {
  return new UsageError(
    `${variables[service]} is not set, and other emulators are: \`source .gavel/env\` sets all of a running system`,
  );
}

/** Why nothing answers there; undefined where something does. */
function faultOf(place: string): Promise<string | undefined> {
  const url = place.includes("://") ? place : `tcp://${place}`;
  const { hostname, port } = URL.canParse(url) ? new URL(url) : { hostname: "", port: "" };
  if (port === "") return Promise.resolve("it is no host:port");
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: PATIENCE_MS });
    const end = (fault: string | undefined): void => {
      socket.destroy();
      resolve(fault);
    };
    socket.once("connect", () => end(undefined));
    socket.once("timeout", () => end(`no answer in ${PATIENCE_MS / 1000} s`));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
