import { randomUUID } from "node:crypto";
import { env } from "node:process";
import { runBundles } from "../../shared/io/bundle-loop.ts";
import { createPublisher } from "../../shared/io/create-publisher.ts";
import { deadLetterUpsert } from "../../shared/io/dead-letter.ts";
import { pubsubEndpoint } from "../../shared/io/endpoints.ts";
import { PullStream } from "../../shared/io/pull-stream.ts";
import { runWorker } from "../../shared/io/run-worker.ts";
import { TableWriter } from "../../shared/io/table-writer.ts";
import { createWriterClient } from "../../shared/io/writer-client.ts";
import { dataset, eventImports } from "../../shared/names.ts";
import { tableOf } from "../../shared/schema/warehouse.ts";
import { readImportConfig } from "./config.ts";
import { readBundle } from "./read-bundle.ts";

await runWorker("import", async (context) => {
  const config = readImportConfig(env);
  const { project, region, regions } = config;
  const writers = createWriterClient(project, config.storageWriteEmulatorHost);
  const datasetPath = `projects/${project}/datasets/${dataset.name}`;
  const deadLetters = await TableWriter.open(writers, datasetPath, tableOf("dead_letters"));
  const publisher = createPublisher(config);
  const sources = new Set(config.sources);
  const runStream = (source: string): Promise<void> => {
    const name = eventImports.nameOf(source);
    const stream = new PullStream(
      {
        ...pubsubEndpoint(region, config.pubsub[region]),
        ...config,
        subscription: `projects/${project}/subscriptions/${name}`,
        clientId: randomUUID(),
        ackDeadlineS: eventImports.ackDeadlineS,
      },
      context,
    );
    const rules = { source, sources, defaultRegion: region, regions };
    return runBundles(
      stream,
      async (bundle) => {
        const { events, poison } = readBundle(bundle, rules);
        await publisher.publish(events);
        await deadLetters.upsert(poison.map((each) => deadLetterUpsert(name, each)));
        context.metrics.add("events_imported", events.length);
        context.metrics.add("dead_letters", poison.length);
      },
      { ...context, random: Math.random },
    );
  };
  await Promise.all(config.sources.map(runStream));
  await publisher.close();
});
