import { createRequire } from "node:module";
import { join } from "node:path";
import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import protobuf from "protobufjs";

const require = createRequire(import.meta.url);
const roots = new Map<string, protobuf.Root>();

/**
 * The messages and services that a Google client package ships, by the name of its file. Serving from the very
 * file that the client was built from keeps both sides of the wire on one revision.
 */
export function protosOf(clientPackage: string, file = "protos.json"): protobuf.Root {
  const entry = require.resolve(clientPackage);
  const folder = join("node_modules", ...clientPackage.split("/"));
  const path = join(entry.slice(0, entry.lastIndexOf(folder)), folder, "build", "protos", file);
  const root = roots.get(path) ?? protobuf.Root.fromJSON(require(path));
  roots.set(path, root);
  return root;
}

/** How messages look to handlers: an absent scalar reads as its default. */
const CONVERSION: protobuf.IConversionOptions = {
  longs: String,
  enums: String,
  defaults: true,
  // A `oneof` names its set field under its own name.
  oneofs: true,
};

/**
 * A service by its full name, for grpc-js. Enums are names, 64-bit integers decimal strings, bytes Buffers; names
 * of fields and handlers begin with a small letter.
 */
export function serviceOf(clientPackage: string, name: string): ServiceDefinition {
  const service = protosOf(clientPackage).lookupService(name);
  const methods = service.methodsArray.map((method) => {
    const request = codecOf(service.lookupType(method.requestType));
    const response = codecOf(service.lookupType(method.responseType));
    const definition: MethodDefinition<object, object> = {
      path: `/${name}/${method.name}`,
      originalName: method.name.charAt(0).toLowerCase() + method.name.slice(1),
      requestStream: method.requestStream === true,
      responseStream: method.responseStream === true,
      requestSerialize: request.serialize,
      requestDeserialize: request.deserialize,
      responseSerialize: response.serialize,
      responseDeserialize: response.deserialize,
    };
    return [method.name, definition] as const;
  });
  return Object.fromEntries(methods);
}

function codecOf(type: protobuf.Type) {
  return {
    serialize: (message: object) => Buffer.from(type.encode(type.fromObject(message)).finish()),
    deserialize: (bytes: Buffer) => type.toObject(type.decode(bytes), CONVERSION),
  };
}
