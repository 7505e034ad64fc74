import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { serviceOf } from "../grpc/proto-services.ts";

/** Calls whose requests and responses pass as bytes; see `pull-frames.ts`. */
const RAW_METHODS = ["Publish", "StreamingPull", "Acknowledge", "ModifyAckDeadline", "Pull"];

/** The three services of Pub/Sub. */
export function loadPubsubServices(): Record<
  "publisher" | "subscriber" | "schemas",
  ServiceDefinition
> {
  const service = (name: string) => serviceOf("@google-cloud/pubsub", `google.pubsub.v1.${name}`);
  return {
    publisher: withRawMethods(service("Publisher")),
    subscriber: withRawMethods(service("Subscriber")),
    schemas: service("SchemaService"),
  };
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
