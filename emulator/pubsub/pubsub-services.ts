import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { loadServices } from "../grpc/proto-files.ts";

/** Calls whose requests and responses pass as bytes; see `pull-frames.ts`. */
const RAW_METHODS = ["Publish", "StreamingPull", "Acknowledge", "ModifyAckDeadline", "Pull"];

/** The three services of Pub/Sub, from the proto files that the official client ships. */
export function loadPubsubServices(): Record<
  "publisher" | "subscriber" | "schemas",
  ServiceDefinition
> {
  const loaded = loadServices("@google-cloud/pubsub", [
    "google/pubsub/v1/pubsub.proto",
    "google/pubsub/v1/schema.proto",
  ]);
  return {
    publisher: withRawMethods(serviceIn(loaded, "google.pubsub.v1.Publisher")),
    subscriber: withRawMethods(serviceIn(loaded, "google.pubsub.v1.Subscriber")),
    schemas: serviceIn(loaded, "google.pubsub.v1.SchemaService"),
  };
}

/** The definition of a service by its full name. */
export function serviceIn(loaded: object, name: string): ServiceDefinition {
  const found = [...name.split("."), "service"].reduce<unknown>(memberOf, loaded);
  if (!isServiceDefinition(found)) throw new Error(`the protos have no service ${name}`);
  return found;
}

function memberOf(container: unknown, name: string): unknown {
  const isContainer = typeof container === "object" || typeof container === "function";
  return isContainer && container !== null ? Reflect.get(container, name) : undefined;
}

function isServiceDefinition(value: unknown): value is ServiceDefinition {
  return typeof value === "object" && value !== null;
}

function withRawMethods(service: ServiceDefinition): ServiceDefinition {
  const methods = Object.entries(service).map(([name, method]) => [
    name,
    RAW_METHODS.includes(name) ? rawMethod(method) : method,
  ]);
  return Object.fromEntries(methods);
}

function rawMethod(method: MethodDefinition<unknown, unknown>): MethodDefinition<Buffer, Buffer> {
  return {
    path: method.path,
    requestStream: method.requestStream,
    responseStream: method.responseStream,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

function same(bytes: Buffer): Buffer {
  return bytes;
}
