import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { http } from "@google-cloud/functions-framework";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { messageOf } from "../../shared/core/errors.ts";
import {
  admitRequest,
  announcedBytes,
  BODY_BYTES_MAX,
  bodyTooLarge,
  type RequestHead,
} from "../../shared/core/ingest/admit-request.ts";
import { Budget } from "../../shared/core/ingest/budget.ts";
import {
  overloaded,
  type RequestFault,
  requestFault,
} from "../../shared/core/ingest/request-fault.ts";
import { type Answer, answerFault } from "../../shared/core/ingest/result-document.ts";
import type { AdmittedRequest, RequestPorts, RequestTaker } from "./take-request.ts";

const FUNCTION_NAME = "ingest";
/** A head, and a whole request, that take longer are a slow sender's or an attacker's: 408. */
const HEADERS_TIMEOUT_MS = 5000;
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 5000;
/** How long a drain waits for senders that are slow: the process is killed 10 s after SIGTERM. */
const DRAIN_MS = 7500;
const TIMEOUT_CHECK_MS = 500;
const HEAD_BYTES_MAX = 16_384;
const CONNECTIONS_MAX = 5000;
/** What of a body that is too large is read and dropped, so that its sender gets to read the answer. */
const DISCARDED_BYTES_MAX = 4 * BODY_BYTES_MAX;

type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * The HTTP server: functions-framework behind a guard, since it would take bodies of a gigabyte, unpack
 * any encoding and show its errors. The guard decides by the head, reads the body within its bounds and
 * then lets the framework call the function; nothing is left for its parsers to read.
 */
export class IngestServer {
  readonly server: Server;
  readonly #taker: RequestTaker;
  readonly #ports: RequestPorts;
  readonly #bodyBytes: Budget;
  readonly #admitted = new WeakMap<IncomingMessage, AdmittedRequest>();
  readonly #framework: RequestListener;
  #isDraining = false;

  constructor(taker: RequestTaker, ports: RequestPorts, bodyBytesInFlightMax: number) {
    this.#taker = taker;
    this.#ports = ports;
    this.#bodyBytes = new Budget(bodyBytesInFlightMax);
    http(FUNCTION_NAME, (request, response) => this.#call(request, response));
    // The one listener of the server that the framework makes is its Express application.
    this.#framework = getTestServer(FUNCTION_NAME).listeners("request")[0] as RequestListener;
    this.server = createServer(
      {
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: TIMEOUT_CHECK_MS,
        maxHeaderSize: HEAD_BYTES_MAX,
      },
      (request, response) => this.#receive(request, response),
    );
    this.server.maxConnections = CONNECTIONS_MAX;
    this.server.on("checkContinue", (request, response) => this.#receive(request, response));
    this.server.on("clientError", answerBrokenRequest);
  }

  /** Resolves to the port once it listens. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, host, () => {
        const address = this.server.address();
        resolve(typeof address === "object" && address !== null ? address.port : port);
      });
    });
  }

  /** Takes no more connections; resolves once every request under way is answered, or cut off at last. */
  async close(): Promise<void> {
    this.#isDraining = true;
    const closed = new AbortController();
    this.server.close(() => closed.abort());
    await this.#ports.clock.sleep(DRAIN_MS, closed.signal);
    this.server.closeAllConnections();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const head = headOf(request);
    const admitted = this.#admit(head);
    if (admitted.kind === "health") {
      this.#answer(response, { status: 200, headers: {}, document: { status: "ok" } });
      return;
    }
    if (admitted.kind === "fault") {
      this.#refuse(request, response, admitted);
      return;
    }
    const bytes = announcedBytes(head) ?? BODY_BYTES_MAX;
    if (!this.#bodyBytes.take(bytes)) {
      this.#refuse(request, response, overloaded("Too many bodies are on their way"));
      return;
    }
    response.once("close", () => this.#bodyBytes.give(bytes));
    if (head.headers["expect"] !== undefined) response.writeContinue();
    readBody(request, (body) => {
      if ("kind" in body) return this.#refuse(request, response, body);
      this.#admitted.set(request, { ...admitted.request, body });
      this.#framework(request, response);
    });
  }

  #admit(
    head: RequestHead,
  ):
    | { readonly kind: "admitted"; readonly request: Omit<AdmittedRequest, "body"> }
    | { readonly kind: "health" }
    | RequestFault {
    const { senders, clock } = this.#ports;
    const route = admitRequest(head);
    if (route.kind === "fault" || route.kind === "health") return route;
    const credentials = senders?.readHead(head, clock.nowMs());
    if (credentials?.kind === "fault") return credentials;
    return { kind: "admitted", request: { method: head.method, route, credentials } };
  }

  /** The function that the framework calls. What it throws is a bug: logged, and told without its text. */
  async #call(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const admitted = this.#admitted.get(request);
    try {
      if (admitted === undefined) throw new Error("the framework called past the guard");
      this.#answer(response, await this.#taker.take(admitted));
    } catch (error) {
      const stack = error instanceof Error ? error.stack : undefined;
      this.#ports.log.error("request failed", { reason: messageOf(error), stack });
      const fault = requestFault("internal", "", "The fault is ours: send it again later.");
      this.#answer(response, answerFault(fault));
    }
  }

  #refuse(request: IncomingMessage, response: ServerResponse, fault: RequestFault): void {
    this.#ports.metrics.add(`requests_refused_${fault.reason}`);
    this.#answer(response, answerFault(fault));
    discardBody(request);
  }

  #answer(response: ServerResponse, { status, headers, document }: Answer): void {
    this.#ports.metrics.add(`responses_${status}`);
    if (this.#isDraining) response.setHeader("Connection", "close");
    const body = `${JSON.stringify(document)}\n`;
    response.writeHead(status, {
      ...headers,
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
    });
    response.end(body);
  }
}

function headOf({ method = "", url = "", headers }: IncomingMessage): RequestHead {
  return { method, target: url, headers };
}

/** Reads a body within its bound. A sender that goes away in the middle is told to nobody. */
function readBody(request: IncomingMessage, done: (body: Uint8Array | RequestFault) => void): void {
  const parts: Buffer[] = [];
  let bytes = 0;
  const take = (part: Buffer): void => {
    bytes += part.length;
    if (bytes <= BODY_BYTES_MAX) parts.push(part);
    else {
      request.off("data", take).off("end", end);
      done(bodyTooLarge());
    }
  };
  const end = (): void => done(Buffer.concat(parts));
  request
    .on("data", take)
    .on("end", end)
    .on("error", () => undefined);
}

function discardBody(request: IncomingMessage): void {
  let bytes = 0;
  request.on("data", (part: Buffer) => {
    bytes += part.length;
    if (bytes > DISCARDED_BYTES_MAX) request.destroy();
  });
  request.on("error", () => undefined);
}

/** What Node's own parser refuses or gives up waiting for. */
function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const { status, document } = answerFault(faultOfParser(error.code));
  const body = `${JSON.stringify(document)}\n`;
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function faultOfParser(code: string | undefined): RequestFault {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return requestFault(
        "requestTimeout",
        "",
        "Send a request within 10 s, its headers within 5.",
      );
    case "HPE_HEADER_OVERFLOW":
      return requestFault(
        "headersTooLarge",
        "",
        `Request line and headers: ${HEAD_BYTES_MAX} bytes.`,
      );
    default:
      return requestFault("malformedRequest", "", "This is no HTTP/1.1 request.");
  }
}
