import { createRequire } from "node:module";
import { join } from "node:path";
import { type GrpcObject, loadPackageDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const require = createRequire(import.meta.url);

/**
 * The folder of `.proto` files that a Google client package ships. Serving from the very files the
 * client was built from keeps both sides of the wire on one revision.
 */
export function protoFolderOf(clientPackage: string): string {
  const entry = require.resolve(clientPackage);
  const folder = join("node_modules", ...clientPackage.split("/"));
  return join(entry.slice(0, entry.lastIndexOf(folder)), folder, "build", "protos");
}

/** Google's common protos (google.rpc, google.api, google.longrunning), as gax ships them. */
export function commonProtoFolder(): string {
  return protoFolderOf("google-gax");
}

/**
 * Loads services for grpc-js. Enums are names, 64-bit integers decimal strings, bytes Buffers, and
 * an absent scalar reads as its default; a `oneof` names its set field under its own name.
 */
export function loadServices(clientPackage: string, files: readonly string[]): GrpcObject {
  return loadPackageDefinition(
    loadSync([...files], {
      includeDirs: [protoFolderOf(clientPackage), commonProtoFolder()],
      keepCase: false,
      longs: String,
      enums: String,
      defaults: true,
      oneofs: true,
    }),
  );
}
