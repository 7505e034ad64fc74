import { BigQuery } from "@google-cloud/bigquery";
import { Spanner, v1 } from "@google-cloud/spanner";
import { credentials } from "@grpc/grpc-js";
import { hostAndPort } from "./endpoints.ts";

/** A BigQuery client; `emulatorRest` (`http://host:port`) stands in for the service on a laptop. */
export function createBigQuery(projectId: string, emulatorRest: string | undefined): BigQuery {
  return new BigQuery({
    projectId,
    // Whoever reads for a person tries again or tells; the client's own tries only hide an outage.
    autoRetry: false,
    maxRetries: 0,
    ...(emulatorRest === undefined ? {} : { apiEndpoint: emulatorRest }),
  });
}

/** A Spanner client; `emulatorHost` (`host:port`) stands in for the service on a laptop. */
export function createSpanner(projectId: string, emulatorHost: string | undefined): Spanner {
  if (emulatorHost === undefined) return new Spanner({ projectId });
  const { host: servicePath, port } = hostAndPort(emulatorHost);
  return new Spanner({ projectId, servicePath, port, sslCreds: credentials.createInsecure() });
}

/** The client that Spanner's own one is built on, for calls that are encoded here. */
export function createSpannerApi(
  projectId: string,
  emulatorHost: string | undefined,
): v1.SpannerClient {
  if (emulatorHost === undefined) return new v1.SpannerClient({ projectId });
  const { host: apiEndpoint, port } = hostAndPort(emulatorHost);
  const sslCreds = credentials.createInsecure();
  return new v1.SpannerClient({ projectId, apiEndpoint, port, sslCreds });
}
