import type { IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { messageOf } from "../grpc/message-of.ts";
import { ApiError, invalid } from "./api-error.ts";

/** One REST call: the parts of its path that the route names, its query string and its JSON body. */
export interface RestCall {
  readonly parts: Readonly<Record<string, string>>;
  readonly search: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly nowMs: number;
}

export type RestAnswer = object | undefined;
export type Route = readonly [
  method: string,
  pattern: string,
  answer: (call: RestCall) => RestAnswer | Promise<RestAnswer>,
];

const maxBodyBytes = 256 * 1024 * 1024;

/** The part that a pattern names, e.g. `datasetId` of `/projects/:projectId/datasets/:datasetId`. */
export function part(call: RestCall, name: string): string {
  const value = call.parts[name];
  if (value === undefined) throw invalid(`Required parameter is missing: ${name}`);
  return value;
}

/** The piece of a list that a call asks for by `maxResults` and `pageToken`, and the next one's token. */
export function listPage<Item>(
  all: readonly Item[],
  { search }: RestCall,
): { items: readonly Item[]; nextPageToken: { nextPageToken?: string } } {
  const start = Number(search.get("pageToken") || 0);
  const count = Number(search.get("maxResults") || all.length);
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(count)) {
    throw invalid("Invalid value for pageToken or maxResults");
  }
  const end = start + count;
  const nextPageToken = end < all.length ? { nextPageToken: String(end) } : {};
  return { items: all.slice(start, end), nextPageToken };
}

/** The parts of `path` where it fits `pattern`, else undefined. */
export function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [index, name] of wanted.entries()) {
    const value = decodeURIComponent(given[index] ?? "");
    if (name.startsWith(":")) parts[name.slice(1)] = value;
    else if (name !== value) return undefined;
  }
  return parts;
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBodyBytes) throw new ApiError(413, "uploadTooLarge", "Request body is too large");
    chunks.push(bytes);
  }
  const body = Buffer.concat(chunks);
  return request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}

export function parseJson(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return Object.fromEntries(Object.entries(Object(value)));
  } catch (error) {
    const sentence = messageOf(error);
    throw invalid(`Invalid JSON payload received. ${sentence}`, "parseError");
  }
}
