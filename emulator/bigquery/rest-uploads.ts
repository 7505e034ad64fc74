import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { ApiError, invalid } from "./api-error.ts";
import { type Jobs, jobResource } from "./jobs.ts";
import { type LoadConfiguration, runLoad } from "./load.ts";
import { parseJson } from "./rest-call.ts";
import type { Resource, Warehouse } from "./warehouse.ts";

/** A call of the upload endpoints, whose body is not JSON alone. */
export interface UploadCall {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly nowMs: number;
}

export interface UploadAnswer {
  readonly status: number;
  readonly body: object | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Session {
  readonly projectId: string;
  readonly job: Resource;
  readonly chunks: Buffer[];
}

const uploadPath = /(?:\/resumable)?\/upload\/bigquery\/v2\/projects\/([^/]+)\/jobs$/;
/** Uploads that were begun and not ended; the oldest is forgotten beyond that. */
const MOST_SESSIONS = 100;

/** Load jobs that upload their data: in one multipart call, or resumably in pieces. */
export class Uploads {
  readonly #warehouse: Warehouse;
  readonly #jobs: Jobs;
  readonly #sessions = new Map<string, Session>();

  constructor(warehouse: Warehouse, jobs: Jobs) {
    this.#warehouse = warehouse;
    this.#jobs = jobs;
  }

  /** Undefined where the call is none of an upload endpoint. */
  async answer(call: UploadCall): Promise<UploadAnswer | undefined> {
    const projectId = uploadPath.exec(call.url.pathname)?.[1];
    if (projectId === undefined) return undefined;
    const uploadId = call.url.searchParams.get("upload_id");
    if (uploadId !== null) return await this.#resume(uploadId, call);
    if (call.url.searchParams.get("uploadType") === "resumable")
      return this.#begin(projectId, call);
    const { job, data } = splitMultipart(call);
    return { status: 200, body: await this.#load(projectId, job, data, call.nowMs) };
  }

  #begin(projectId: string, call: UploadCall): UploadAnswer {
    const id = randomUUID();
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= MOST_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    this.#sessions.set(id, { projectId, job: parseJson(call.bytes), chunks: [] });
    const { host } = call.headers;
    const location = `http://${host}${call.url.pathname}?uploadType=resumable&upload_id=${id}`;
    return { status: 200, body: {}, headers: { location } };
  }

  async #resume(id: string, { headers, bytes, nowMs }: UploadCall): Promise<UploadAnswer> {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new ApiError(404, "notFound", `There is no upload ${id}`);
    session.chunks.push(bytes);
    const size = session.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const total = /\/(\d+)$/.exec(headers["content-range"] ?? `/${size}`)?.[1];
    if (total === undefined || size < Number(total)) {
      const range: Record<string, string> = size === 0 ? {} : { range: `bytes=0-${size - 1}` };
      return { status: 308, body: undefined, headers: range };
    }
    this.#sessions.delete(id);
    const data = Buffer.concat(session.chunks);
    return { status: 200, body: await this.#load(session.projectId, session.job, data, nowMs) };
  }

  async #load(projectId: string, body: Resource, data: Buffer, nowMs: number): Promise<Resource> {
    // REST bodies follow the discovery document; fields are checked as they are used.
    const { configuration = {}, jobReference } = body as {
      configuration?: { load?: LoadConfiguration };
      jobReference?: { jobId?: string };
    };
    const { load } = configuration;
    if (load === undefined) throw invalid("An upload needs configuration.load");
    const order = {
      projectId,
      jobId: jobReference?.jobId,
      configuration: { jobType: "LOAD", ...configuration },
      nowMs,
    };
    const job = await this.#jobs.run(order, async () => ({
      statistics: await runLoad(this.#warehouse, load, data, nowMs),
    }));
    return jobResource(job);
  }
}

/** `multipart/related` of two parts: the job as JSON, and the data. */
function splitMultipart({ headers, bytes }: UploadCall): { job: Resource; data: Buffer } {
  const boundary = /boundary="?([^";]+)"?/.exec(headers["content-type"] ?? "")?.[1];
  if (boundary === undefined) {
    throw invalid("The emulator takes uploads of uploadType multipart and resumable");
  }
  const marker = Buffer.from(`--${boundary}`);
  const parts: Buffer[] = [];
  let start = bytes.indexOf(marker);
  while (start >= 0) {
    const end = bytes.indexOf(marker, start + marker.length);
    if (end < 0) break;
    parts.push(partContent(bytes.subarray(start + marker.length, end)));
    start = end;
  }
  const [job, data] = parts;
  if (job === undefined || data === undefined) throw invalid("The upload has not two parts");
  return { job: parseJson(job), data };
}

/** What stands behind a part's headers, without the line break that belongs to the next boundary. */
function partContent(part: Buffer): Buffer {
  const blank = part.indexOf("\r\n\r\n");
  return part.subarray(blank + 4, part.length - 2);
}
