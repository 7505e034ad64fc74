import { randomUUID } from "node:crypto";
import { ApiError, invalid, notFound } from "./api-error.ts";
import { type Disposition, targetTable } from "./load.ts";
import { readParameters, type WireParameter } from "./query-parameters.ts";
import { restRow, type TimestampFormat } from "./result-value.ts";
import {
  type QueryResult,
  type Resource,
  type TableId,
  tableName,
  type Warehouse,
} from "./warehouse.ts";

export interface QueryConfiguration extends Disposition {
  readonly query?: string;
  readonly useLegacySql?: boolean;
  readonly defaultDataset?: { readonly datasetId?: string; readonly projectId?: string };
  readonly destinationTable?: TableId;
  readonly queryParameters?: readonly WireParameter[];
}

export interface Job {
  readonly projectId: string;
  readonly jobId: string;
  readonly configuration: Resource;
  readonly createTimeMs: number;
  readonly result: QueryResult | undefined;
  readonly error: ApiError | undefined;
  readonly statistics: Resource;
}

/** Work that a job does; it gives the query's result, or nothing for a load. */
export type JobWork = () => Promise<{ result?: QueryResult; statistics?: Resource }>;

/** So many jobs are remembered, and fewer where their results have more rows than that; the oldest go first. */
const MOST_JOBS = 1000;
const MOST_RESULT_ROWS = 1_000_000;

/** Jobs that ran. Each runs to its end before its call answers, so every job listed is DONE. */
export class Jobs {
  readonly #warehouse: Warehouse;
  readonly #jobs = new Map<string, Job>();
  #resultRows = 0;

  constructor(warehouse: Warehouse) {
    this.#warehouse = warehouse;
  }

  list(projectId: string): Job[] {
    return [...this.#jobs.values()].filter((job) => job.projectId === projectId).reverse();
  }

  get(projectId: string, jobId: string): Job {
    const job = this.#jobs.get(`${projectId}.${jobId}`);
    if (job === undefined) throw notFound("Job", `${projectId}:US.${jobId}`);
    return job;
  }

  async run(order: JobOrder, work: JobWork): Promise<Job> {
    const jobId = order.jobId ?? `job_${randomUUID()}`;
    const key = `${order.projectId}.${jobId}`;
    if (this.#jobs.has(key)) {
      throw new ApiError(409, "duplicate", `Already Exists: Job ${order.projectId}:US.${jobId}`);
    }
    const outcome = await settled(work);
    const job = {
      projectId: order.projectId,
      jobId,
      configuration: order.configuration,
      createTimeMs: order.nowMs,
      ...outcome,
    };
    this.#jobs.set(key, job);
    this.#resultRows += rowsOf(job);
    this.#forgetOldest();
    return job;
  }

  #forgetOldest(): void {
    for (const [key, job] of this.#jobs) {
      const isFull = this.#jobs.size > MOST_JOBS || this.#resultRows > MOST_RESULT_ROWS;
      if (!isFull || this.#jobs.size === 1) return;
      this.#jobs.delete(key);
      this.#resultRows -= rowsOf(job);
    }
  }

  query(
    projectId: string,
    configuration: QueryConfiguration,
    isDryRun: boolean,
  ): Promise<QueryResult> {
    if (configuration.query === undefined) throw invalid("Required parameter is missing: query");
    if (configuration.useLegacySql === true) {
      throw invalid("The emulator does not support legacy SQL; set useLegacySql to false");
    }
    const scope = { projectId, ...configuration.defaultDataset };
    const parameters = readParameters(configuration.queryParameters ?? []);
    return this.#warehouse.query(configuration.query, scope, parameters, isDryRun);
  }

  /** Writes a query's rows to the table that it names as their destination; by default into an empty one. */
  async store(
    { schema, rows }: QueryResult,
    { writeDisposition = "WRITE_EMPTY", createDisposition = "CREATE_IF_NEEDED" }: Disposition,
    id: TableId,
    nowMs: number,
  ): Promise<void> {
    const disposition = { writeDisposition, createDisposition };
    const table = await targetTable(this.#warehouse, { id, fields: schema, nowMs, disposition });
    const places = table.schema.map(({ name }) => schema.findIndex((field) => field.name === name));
    const extra = schema.find(({ name }) => !table.schema.some((field) => field.name === name));
    if (extra !== undefined) {
      throw invalid(
        `Provided Schema does not match Table ${tableName(id)}: it has no field ${extra.name}`,
      );
    }
    table.rows.addPlain(rows.map((row) => places.map((at) => row[at] ?? null)));
    await this.#warehouse.flush(table);
  }
}

function rowsOf({ result }: Job): number {
  return result?.rows.length ?? 0;
}

export interface JobOrder {
  readonly projectId: string;
  readonly jobId: string | undefined;
  readonly configuration: Resource;
  readonly nowMs: number;
}

async function settled(work: JobWork): Promise<Pick<Job, "result" | "error" | "statistics">> {
  try {
    const { result, statistics = {} } = await work();
    return { result, error: undefined, statistics };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { result: undefined, error, statistics: {} };
  }
}

/** A job as the REST API shows it. */
export function jobResource(job: Job): Resource {
  const time = String(job.createTimeMs);
  const errorResult = job.error?.body().error.errors[0];
  return {
    kind: "bigquery#job",
    id: `${job.projectId}:US.${job.jobId}`,
    jobReference: { projectId: job.projectId, jobId: job.jobId, location: "US" },
    configuration: job.configuration,
    status: { state: "DONE", ...(errorResult && { errorResult, errors: [errorResult] }) },
    statistics: {
      creationTime: time,
      startTime: time,
      endTime: time,
      totalBytesProcessed: "0",
      ...job.statistics,
    },
  };
}

export interface Page {
  readonly startIndex: number;
  readonly maxResults: number;
  readonly format: TimestampFormat;
}

/** One page of a result; its token is the index where the next one starts. */
export function resultPage(result: QueryResult, page: Page): Resource {
  const end = Math.min(result.rows.length, page.startIndex + page.maxResults);
  const rows = result.rows.slice(page.startIndex, end);
  return {
    schema: { fields: result.schema },
    totalRows: String(result.rows.length),
    rows: rows.map((row) => restRow(row, result.schema, page.format)),
    ...(end < result.rows.length && { pageToken: String(end) }),
  };
}
