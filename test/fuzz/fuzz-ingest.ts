import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import type { IngestReply, IngestRequest } from "../support/ingest-client.ts";
import { prng } from "../support/prng.ts";
import { NoticeForger } from "./forged-notices.ts";
import { fuzzedRequest } from "./fuzzed-requests.ts";
import { IngestProcess } from "./ingest-process.ts";

/** What a run of requests came to. */
export interface FuzzReport {
  readonly requests: number;
  /** Answers by status; 0 is none, where the connection broke. */
  readonly statuses: Readonly<Record<number, number>>;
  /** Events that answers called accepted, and events that Pub/Sub got. */
  readonly accepted: number;
  readonly published: number;
  /** Faults of its own that ingest logged; each is a bug. */
  readonly errors: readonly string[];
  /** How far resident memory rose above where it stood after the warm-up, in bytes. */
  readonly memoryRiseBytes: number;
  /** Resident memory over the run, in megabytes, at ten moments. */
  readonly memoryMb: readonly number[];
  readonly seconds: number;
  /** Honest requests that were not accepted and others that were; only where notices are forged. */
  readonly misjudged: number;
  /** Exit code and duration of the drain at the end. */
  readonly exit: { readonly code: number | null; readonly ms: number };
}

const CONCURRENCY = 16;
/** One in so many requests is bytes that are no HTTP at all. */
const GARBAGE_EVERY = 200;
const WARM_UP_SHARE = 0.2;

/** Sends `count` fuzzed requests to ingest with signing off. */
export function fuzzBodies(count: number, seed: number): Promise<FuzzReport> {
  const random = prng(seed);
  return runFuzz("off", count, () => ({ request: fuzzedRequest(random), isHonest: undefined }));
}

/** Sends `count` notices, nearly all forged, to ingest with signing on. */
export function fuzzNotices(count: number, seed: number): Promise<FuzzReport> {
  const forger = new NoticeForger(prng(seed));
  return runFuzz("on", count, () => {
    const attempt = forger.next();
    return { ...attempt, onTaken: () => attempt.isHonest && forger.noteTaken(attempt.request) };
  });
}

interface FuzzAttempt {
  readonly request: IngestRequest;
  /** Undefined where nothing is forged. */
  readonly isHonest: boolean | undefined;
  readonly onTaken?: () => void;
}

async function runFuzz(
  signing: "on" | "off",
  count: number,
  next: () => FuzzAttempt,
): Promise<FuzzReport> {
  const ingest = await IngestProcess.start(signing);
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const startMs = Date.now();
  const statuses: Record<number, number> = {};
  let [sent, accepted, misjudged, warmMemoryReports] = [0, 0, 0, 0];
  const lane = async (): Promise<void> => {
    while (sent < count && ingest.isAlive) {
      sent++;
      if (sent === Math.floor(count * WARM_UP_SHARE)) warmMemoryReports = ingest.memoryBytes.length;
      await sendGarbage(ingest.port, sent);
      const { request, isHonest, onTaken } = next();
      const { status, document } = await send(ingest.port, agent, request);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === 200) onTaken?.();
      accepted += document?.accepted ?? 0;
      misjudged += isMisjudged(isHonest, status) ? 1 : 0;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  agent.destroy();
  const isAlive = ingest.isAlive;
  const memory = ingest.memoryBytes.slice(Math.max(0, warmMemoryReports - 1));
  const published = ingest.publishedEvents;
  const errors = ingest.errors;
  return {
    requests: sent,
    statuses,
    accepted,
    published,
    errors: isAlive ? errors : [...errors, "ingest ended"],
    memoryRiseBytes: Math.max(0, ...memory) - (memory[0] ?? 0),
    memoryMb: tenOf(ingest.memoryBytes).map((bytes) => Math.round(bytes / 1e6)),
    seconds: (Date.now() - startMs) / 1000,
    misjudged,
    exit: await ingest.stop(),
  };
}

function isMisjudged(isHonest: boolean | undefined, status: number): boolean {
  return isHonest !== undefined && isHonest !== (status === 200);
}

function tenOf(values: readonly number[]): readonly number[] {
  const every = Math.ceil(values.length / 10);
  return values.filter((_, index) => index % every === 0);
}

/** The answer, or status 0 where there was none. An answer that is no JSON document throws. */
export function send(
  port: number,
  agent: Agent,
  { method, target, headers = {}, body }: IngestRequest,
): Promise<{ status: number; document?: IngestReply["document"] }> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      { host: "127.0.0.1", port, method, path: target, headers: { ...headers }, agent },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("error", () => resolve({ status: 0 }));
        response.on("end", () => {
          const text = Buffer.concat(parts).toString("utf8");
          try {
            resolve({ status: response.statusCode ?? 0, document: JSON.parse(text) });
          } catch (cause) {
            reject(new Error(`${method} ${target} was answered with ${text}`, { cause }));
          }
        });
      },
    );
    call.on("error", () => resolve({ status: 0 }));
    call.end(body);
  });
}

const garbage = [
  "\u0000\u0001\u0002\r\n\r\n",
  "GET / HTTP/9.9\r\n\r\n",
  "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
  "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "POST /v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\nZZ\r\n",
  'POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"bid_id":',
  "GET /v1/notices/win?a=\u00ff HTTP/1.1\r\nHost: x\r\n\r\n",
] as const;

/** In one of {@link GARBAGE_EVERY} turns writes what is no request and goes away, at once or after the answer. */
function sendGarbage(port: number, turn: number): Promise<void> {
  return new Promise((resolve) => {
    if (turn % GARBAGE_EVERY > 0) return resolve();
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(garbage[(turn / GARBAGE_EVERY) % garbage.length] ?? "", "latin1");
      if (turn % 3 === 0) socket.destroy();
      else setTimeout(() => socket.destroy(), 200);
    });
    socket.on("data", () => socket.destroy());
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
  });
}
