import { type ChannelCredentials, credentials, Metadata } from "@grpc/grpc-js";
import type { RegionName } from "../names.ts";
import { cloudRegions } from "../names.ts";

/** Where a Pub/Sub endpoint is, and how to be let in. */
export interface PubsubEndpoint {
  readonly address: string;
  readonly credentials: ChannelCredentials;
}

/** The parts of an address `host:port`, as the generated clients take them. */
export function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const [host = "", port = ""] = address.split(":");
  return { host, port: Number(port) };
}

/**
 * The Pub/Sub endpoint of a region: ordering and exactly-once hold only while everybody uses the same one.
 * `emulatorHost` (`host:port`) stands in for it on a laptop.
 */
export function pubsubEndpoint(
  region: RegionName,
  emulatorHost: string | undefined,
): PubsubEndpoint {
  if (emulatorHost !== undefined) {
    return { address: emulatorHost, credentials: credentials.createInsecure() };
  }
  const auth = googleAuth();
  const generator = credentials.createFromMetadataGenerator((_options, callback) => {
    auth
      .then((known) => known.getRequestHeaders())
      .then((headers) => callback(null, metadataOf(headers)), callback);
  });
  return {
    address: `${cloudRegions[region]}-pubsub.googleapis.com:443`,
    credentials: credentials.combineChannelCredentials(credentials.createSsl(), generator),
  };
}

/** Loaded where it is needed: beside an emulator the client's library would only cost its loading. */
async function googleAuth() {
  const { v1 } = await import("@google-cloud/pubsub");
  return new v1.SubscriberClient().auth;
}

function metadataOf(headers: Headers): Metadata {
  const metadata = new Metadata();
  headers.forEach((value, name) => {
    metadata.set(name, value);
  });
  return metadata;
}
