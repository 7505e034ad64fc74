import { invalid } from "./api-error.ts";
import {
  type Job,
  type Jobs,
  jobResource,
  type Page,
  type QueryConfiguration,
  resultPage,
} from "./jobs.ts";
import { listPage, part, type RestCall, type Route } from "./rest-call.ts";
import type { TimestampFormat } from "./result-value.ts";
import type { Resource } from "./warehouse.ts";

const project = "/projects/:projectId";
const defaultPageRows = 100_000;

export function jobRoutes(jobs: Jobs): readonly Route[] {
  const get = (call: RestCall) => jobs.get(part(call, "projectId"), part(call, "jobId"));
  return [
    ["POST", `${project}/queries`, (call) => runQuery(jobs, call)],
    ["GET", `${project}/queries/:jobId`, (call) => queryResults(get(call), pageOf(call))],
    ["POST", `${project}/jobs`, (call) => insertJob(jobs, call)],
    ["GET", `${project}/jobs`, (call) => listJobs(jobs, call)],
    ["GET", `${project}/jobs/:jobId`, (call) => jobResource(get(call))],
    ["POST", `${project}/jobs/:jobId/cancel`, (call) => ({ job: jobResource(get(call)) })],
  ];
}

/** jobs.query: runs and answers with the first page, or with the error itself. */
async function runQuery(jobs: Jobs, call: RestCall): Promise<Resource> {
  const projectId = part(call, "projectId");
  const { dryRun, maxResults, formatOptions, ...configuration } = call.body as QueryBody;
  if (dryRun === true) {
    const { schema } = await jobs.query(projectId, configuration, true);
    return {
      kind: "bigquery#queryResponse",
      schema: { fields: schema },
      totalBytesProcessed: "0",
      jobComplete: true,
    };
  }
  const order = {
    projectId,
    jobId: undefined,
    configuration: { query: configuration },
    nowMs: call.nowMs,
  };
  const job = await jobs.run(order, async () => ({
    result: await jobs.query(projectId, configuration, false),
  }));
  const page = {
    startIndex: 0,
    maxResults: Number(maxResults ?? defaultPageRows),
    format: formatOf(formatOptions ?? {}),
  };
  return { ...queryResults(job, page), kind: "bigquery#queryResponse" };
}

interface FormatOptions {
  readonly useInt64Timestamp?: boolean | string;
  readonly timestampOutputFormat?: string;
}

interface QueryBody extends QueryConfiguration {
  readonly dryRun?: boolean;
  readonly maxResults?: number;
  readonly formatOptions?: FormatOptions;
}

function formatOf(options: FormatOptions): TimestampFormat {
  if (options.timestampOutputFormat === "ISO8601_STRING") return "iso";
  return String(options.useInt64Timestamp) === "true" ? "micros" : "seconds";
}

function queryResults(job: Job, page: Page): Resource {
  if (job.error !== undefined) throw job.error;
  const { jobReference } = jobResource(job);
  const outcome = {
    kind: "bigquery#getQueryResultsResponse",
    jobReference,
    jobComplete: true,
    cacheHit: false,
    totalBytesProcessed: "0",
  };
  if (job.result === undefined) return outcome;
  const { dml } = job.result;
  const affected = dml && { numDmlAffectedRows: String(dml.affectedRows) };
  return { ...outcome, ...resultPage(job.result, page), ...affected };
}

/** The page that a GET call asks for. */
export function pageOf(call: RestCall): Page {
  const { search } = call;
  const startIndex = Number(search.get("pageToken") ?? search.get("startIndex") ?? 0);
  const maxResults = Number(search.get("maxResults") ?? defaultPageRows);
  if (!Number.isSafeInteger(startIndex) || !Number.isSafeInteger(maxResults)) {
    throw invalid("Invalid value for pageToken, startIndex or maxResults");
  }
  const options = {
    useInt64Timestamp: search.get("formatOptions.useInt64Timestamp") ?? "false",
    timestampOutputFormat: search.get("formatOptions.timestampOutputFormat") ?? "",
  };
  return { startIndex, maxResults, format: formatOf(options) };
}

interface JobBody {
  readonly configuration?: { readonly query?: QueryConfiguration; readonly dryRun?: boolean };
  readonly jobReference?: { readonly jobId?: string };
}

async function insertJob(jobs: Jobs, call: RestCall): Promise<Resource> {
  const projectId = part(call, "projectId");
  const { configuration = {}, jobReference } = call.body as JobBody;
  const { query, dryRun } = configuration;
  if (query === undefined) {
    throw invalid(
      "The emulator runs query jobs, and load jobs that upload their data; it reads no sourceUris and runs no copy or extract jobs",
    );
  }
  const order = {
    projectId,
    jobId: jobReference?.jobId,
    configuration: { ...configuration },
    nowMs: call.nowMs,
  };
  if (dryRun === true) {
    const { schema } = await jobs.query(projectId, query, true);
    const statistics = {
      query: { schema: { fields: schema }, statementType: "SELECT", totalBytesProcessed: "0" },
    };
    return jobResource({
      ...order,
      jobId: jobReference?.jobId ?? "dry_run",
      createTimeMs: call.nowMs,
      result: undefined,
      error: undefined,
      statistics,
    });
  }
  const job = await jobs.run(order, async () => {
    const result = await jobs.query(projectId, query, false);
    if (query.destinationTable !== undefined) {
      await jobs.store(result, query, query.destinationTable, call.nowMs);
    }
    const statementType = result.dml?.kind.toUpperCase() ?? "SELECT";
    const affected = result.dml && { numDmlAffectedRows: String(result.dml.affectedRows) };
    return {
      result,
      statistics: { query: { statementType, totalBytesProcessed: "0", ...affected } },
    };
  });
  return jobResource(job);
}

function listJobs(jobs: Jobs, call: RestCall): Resource {
  const { items, nextPageToken } = listPage(jobs.list(part(call, "projectId")), call);
  const listed = items.map((job) => ({ ...jobResource(job), state: "DONE" }));
  return { kind: "bigquery#jobList", jobs: listed, ...nextPageToken };
}
