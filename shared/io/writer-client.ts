import { managedwriter } from "@google-cloud/bigquery-storage";
import { credentials } from "@grpc/grpc-js";
import { hostAndPort } from "./endpoints.ts";

/** A Storage Write client; `emulatorHost` (`host:port`) stands in for BigQuery on a laptop. */
export function createWriterClient(
  projectId: string,
  emulatorHost: string | undefined,
): managedwriter.WriterClient {
  if (emulatorHost === undefined) return new managedwriter.WriterClient({ projectId });
  const { host: apiEndpoint, port } = hostAndPort(emulatorHost);
  const sslCreds = credentials.createInsecure();
  return new managedwriter.WriterClient({ projectId, apiEndpoint, port, sslCreds });
}
