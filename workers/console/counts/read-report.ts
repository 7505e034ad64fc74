import { RetryableError } from "../../../shared/core/errors.ts";
import type { MetricsReport } from "../../../shared/io/metrics-server.ts";

const ANSWER_MAX_MS = 2000;

/** What the process at `host:port` says of itself. Throws RetryableError where it does not answer. */
export async function readReport(address: string): Promise<MetricsReport> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MAX_MS);
    const response = await fetch(`http://${address}/metrics.json`, { signal });
    return (await response.json()) as MetricsReport; // Our own form: shared/io/metrics-server.ts.
  } catch (error) {
    throw new RetryableError(`nothing answers at ${address}`, { cause: error });
  }
}
