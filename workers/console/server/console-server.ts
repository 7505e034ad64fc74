import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Log } from "../../../shared/io/ports.ts";
import type { Action } from "./action.ts";
import type { Feed } from "./feed.ts";
import type { Page } from "./page.ts";
import type { Asset } from "./read-assets.ts";
import { serveAction } from "./serve-action.ts";

/** A page with its feed running. */
export interface OpenPage {
  readonly page: Pick<Page, "name" | "about">;
  readonly feed: Feed;
  readonly actions: Readonly<Record<string, Action>>;
}

const headers: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/**
 * Serves the pages, their files, feeds and actions. `isLocalOnly`: names of other hosts are refused, so that no
 * page elsewhere reaches this machine's console under a name of its own.
 */
export function createConsoleServer(
  pages: readonly OpenPage[],
  assets: ReadonlyMap<string, Asset>,
  options: { readonly isLocalOnly: boolean; readonly log: Log },
): Server {
  const actions = new Map(pages.flatMap(actionsOf));
  const feeds = new Map(pages.map((open) => [`/feeds/${open.page.name}`, open]));
  const paths = new Set(["/", ...pages.map(({ page }) => `/${page.name}`)]);
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const [path = "/", search = ""] = (request.url ?? "/").split("?", 2);
    const action = actions.get(path);
    const refusal = refusalOf(request, action, options);
    const open = feeds.get(path);
    const asset = assets.get(paths.has(path) ? "/index.html" : path);
    if (refusal !== undefined) refuse(response, ...refusal);
    else if (action !== undefined) void serveAction(action, { request, response }, options);
    else if (open !== undefined) sendFeed(open, new URLSearchParams(search), response);
    else if (asset !== undefined) sendAsset(asset, request, response);
    else refuse(response, 404, "There is no such page.");
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 5000;
  return server;
}

function actionsOf({ page, actions }: OpenPage): [path: string, action: Action][] {
  return Object.entries(actions).map(([name, action]) => [`/actions/${page.name}/${name}`, action]);
}

function refusalOf(
  { headers: { host = "" }, method = "" }: IncomingMessage,
  action: Action | undefined,
  { isLocalOnly }: { readonly isLocalOnly: boolean },
): [status: number, sentence: string] | undefined {
  if (isLocalOnly && !LOOPBACK.test(host)) return [403, "This console answers to localhost only."];
  if (action !== undefined) return method === "POST" ? undefined : [405, "POST only."];
  return ["GET", "HEAD"].includes(method) ? undefined : [405, "GET and HEAD only."];
}

function sendFeed(
  { page, feed }: OpenPage,
  search: URLSearchParams,
  response: ServerResponse,
): void {
  const about = search.get("about") ?? "";
  if (about !== "" && !page.about.test(about)) {
    refuse(response, 400, `about: "${about.slice(0, 40)}" is not what this page shows.`);
  } else if (!feed.listen(response, about)) {
    refuse(response, 503, "Too many open pages: close some.");
  }
}

function sendAsset(asset: Asset, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("etag", asset.etag);
  response.setHeader("cache-control", "no-cache");
  if (request.headers["if-none-match"] === asset.etag) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, { "content-type": asset.type, "content-length": asset.bytes.length });
  response.end(request.method === "HEAD" ? undefined : asset.bytes);
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(`${sentence}\n`);
}
