import { once } from "node:events";
import { env } from "node:process";
import { createBigQuery, createSpanner } from "../../shared/io/google-clients.ts";
import { runWorker } from "../../shared/io/run-worker.ts";
import { readConsoleConfig } from "./config.ts";
import { pages } from "./pages.ts";
import { createConsoleServer } from "./server/console-server.ts";
import { readAssets } from "./server/read-assets.ts";
import { tellAlive } from "./server/tell-alive.ts";

await runWorker("console", async (context) => {
  const config = readConsoleConfig(env);
  const services = {
    config,
    context,
    bigquery: createBigQuery(config.project, config.bigqueryRest),
    spanner: createSpanner(config.project, config.spannerEmulatorHost),
  };
  const open = pages.map((page) => ({
    page,
    feed: page.openFeed(services),
    actions: page.openActions?.(services) ?? {},
  }));
  tellAlive(
    open.map(({ feed }) => feed),
    context,
  );
  const isLocalOnly = config.host === "127.0.0.1";
  const server = createConsoleServer(open, readAssets(), { isLocalOnly, log: context.log });
  server.listen(config.port, config.host);
  await once(server, "listening");
  context.log.info("console serves", { host: config.host, port: config.port });
  process.send?.({ console: `http://${config.host}:${config.port}` });
  if (!context.signal.aborted) await once(context.signal, "abort");
  for (const { feed } of open) feed.close();
  server.closeAllConnections();
});
