import { randomInt, randomUUID } from "node:crypto";
import { env } from "node:process";
import { Spanner } from "@google-cloud/spanner";
import { BatchSize } from "../../shared/core/settlement/batch-size.ts";
import { runBundles } from "../../shared/io/bundle-loop.ts";
import { pubsubEndpoint } from "../../shared/io/endpoints.ts";
import { PullStream } from "../../shared/io/pull-stream.ts";
import { runWorker } from "../../shared/io/run-worker.ts";
import { SettlementStore } from "../../shared/io/settlement-store.ts";
import { TableWriter } from "../../shared/io/table-writer.ts";
import { createWriterClient } from "../../shared/io/writer-client.ts";
import { balanceShards, databases, dataset, subscriptionOf } from "../../shared/names.ts";
import { tableOf } from "../../shared/schema/warehouse.ts";
import { readSettlementWorkerConfig } from "./config.ts";
import { SettlementWorker } from "./settlement-worker.ts";
import { sweepReservations } from "./sweep-reservations.ts";

await runWorker("settlement", async (context) => {
  const config = readSettlementWorkerConfig(env);
  const { region, project } = config;
  const spec = subscriptionOf("settlement", region);
  const database = new Spanner({ projectId: project })
    .instance(databases.ledger.instance)
    .database(databases.ledger.name);
  const writers = createWriterClient(project, config.storageWriteEmulatorHost);
  const datasetPath = `projects/${project}/datasets/${dataset.name}`;
  const open = (table: string): Promise<TableWriter> =>
    TableWriter.open(writers, datasetPath, tableOf(table));
  const store = new SettlementStore(database, {
    rules: config.rules,
    shard: randomInt(balanceShards),
  });
  const copies = { settlements: await open("settlements"), ledger: await open("ledger") };
  const batches = {
    ...context,
    size: new BatchSize(config.commitEventsMax),
    random: Math.random,
  };
  const deadLetters = await open("dead_letters");
  const worker = new SettlementWorker({ store, deadLetters, ...copies, ...batches }, spec.name);
  const source = new PullStream(
    {
      ...pubsubEndpoint(region, config.pubsubEmulatorHost),
      ...config,
      subscription: `projects/${project}/subscriptions/${spec.name}`,
      clientId: randomUUID(),
      ackDeadlineS: spec.ackDeadlineS,
    },
    context,
  );
  const stopSweeping = sweepReservations({ store, ...copies, ...config, batches }, context);
  await runBundles(source, (bundle) => worker.process(bundle), {
    ...context,
    random: Math.random,
  });
  stopSweeping();
});
