import { env } from "node:process";
import { UsageError } from "../../shared/core/errors.ts";
import { createPublisher } from "../../shared/io/create-publisher.ts";
import { runWorker } from "../../shared/io/run-worker.ts";
import { readIngestConfig } from "./config.ts";
import { IngestServer } from "./ingest-server.ts";
import { SenderCheck } from "./sender-check.ts";
import { RequestTaker } from "./take-request.ts";

// The framework's Express shows stack traces in any other mode.
env["NODE_ENV"] = "production";

await runWorker("ingest", async (context) => {
  const config = readIngestConfig(env);
  const publisher = createPublisher(config);
  const { keys, noncesMax } = config;
  const senders = keys === undefined ? undefined : new SenderCheck(keys, noncesMax);
  const ports = { ...context, publisher, senders };
  const server = new IngestServer(
    new RequestTaker(ports, config),
    ports,
    config.bodyBytesInFlightMax,
  );
  const port = await server.listen(config.port, config.host).catch((cause: unknown) => {
    throw new UsageError(`PORT ${config.port} cannot be listened on: is it taken?`, { cause });
  });
  context.log.info("listening", { host: config.host, port, signing: keys !== undefined });
  process.send?.({ ingest: `http://${config.host}:${port}` });
  await new Promise<void>((resolve) => {
    context.signal.addEventListener("abort", () => resolve());
  });
  await server.close();
  await publisher.close();
});
