import "../support/google-env.ts";
import { BigQuery } from "@google-cloud/bigquery";
import { type BigQueryEmulator, startBigQueryEmulator } from "../../emulator/bigquery/server.ts";
import { auditQuery } from "../../infra/components/ledger-audit.ts";
import { tableOf } from "../../shared/schema/warehouse.ts";

const OLD = "2026-01-01 00:00:00";

let emulator: BigQueryEmulator;

beforeEach(async () => {
  emulator = await startBigQueryEmulator({ restPort: 0, storagePort: 0 });
});

afterEach(() => emulator.close());

test("the audit fails on a currency whose entries are not zero, but for those of the last hour", async () => {
  const apiEndpoint = `http://127.0.0.1:${emulator.restPort}`;
  const bigquery = new BigQuery({
    projectId: "p",
    apiEndpoint,
    retryOptions: { autoRetry: false },
  });
  await bigquery.createDataset("d");
  const schema = tableOf("ledger").columns.map(({ name, type }) => ({ name, type }));
  await bigquery.dataset("d").createTable("t", { schema });
  const post = (currency: string, amount: string, committed: string) =>
    bigquery.query(
      `INSERT INTO d.t (currency, amount, commit_timestamp) VALUES ('${currency}', NUMERIC '${amount}', TIMESTAMP '${committed}')`,
    );
  const audit = async () => (await bigquery.query(auditQuery("p.d.t")))[0];

  await post("USD", "5.000000001", OLD);
  await post("USD", "-5.000000001", OLD);
  await post("EUR", "1", new Date().toISOString());
  expect(await audit()).toEqual([]);
  await post("USD", "0.000000001", OLD);
  await expect(audit()).rejects.toThrow("out of balance: USD");
}, 30_000);
