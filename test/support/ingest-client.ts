import { createHash, createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";

/** Keys of the tests' ingest: two of one source, as in the middle of a change, and one of another. */
export const testKeys = {
  "exchange-us": {
    "us-1": "secret-of-us-1-0123456789abcdef012345",
    "us-2": "secret-of-us-2-0123456789abcdef012345",
  },
  "exchange-eu": { "eu-1": "secret-of-eu-1-0123456789abcdef012345" },
} as const;

const secrets: ReadonlyMap<string, string> = new Map(
  Object.values(testKeys).flatMap((keys) => Object.entries(keys)),
);

export interface IngestReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The document that every answer of ingest is. */
  readonly document: {
    readonly accepted: number;
    readonly refused?: number;
    readonly results?: readonly {
      readonly index: number;
      readonly status: string;
      readonly reason?: string;
      readonly field?: string;
      readonly mend?: string;
    }[];
    readonly error?: { readonly reason: string; readonly field: string; readonly mend: string };
  };
}

export interface IngestRequest {
  readonly method: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** Sends one request over a connection of its own and reads the whole answer. */
export function sendRequest(port: number, request: IngestRequest): Promise<IngestReply> {
  const { method, target, headers = {}, body } = request;
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      { host: "127.0.0.1", port, method, path: target, headers, agent: false },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => {
          const document = JSON.parse(Buffer.concat(parts).toString("utf8"));
          resolve({ status: response.statusCode ?? 0, headers: response.headers, document });
        });
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}

export interface Signing {
  readonly keyId: string;
  readonly timestampS: number;
  readonly nonce: string;
}

/** The request with the headers that sign it, by the words of README.md rather than by ingest's code. */
export function signed(request: IngestRequest, signing: Signing): IngestRequest {
  const { keyId, timestampS, nonce } = signing;
  return {
    ...request,
    headers: {
      ...request.headers,
      "X-Gavel-Key": keyId,
      "X-Gavel-Timestamp": String(timestampS),
      "X-Gavel-Nonce": nonce,
      "X-Gavel-Signature": signatureOf(request, signing),
    },
  };
}

/** A GET with its signature at the end of its query. */
export function signedQuery(request: IngestRequest, signing: Signing): IngestRequest {
  const { keyId, timestampS, nonce } = signing;
  const target = `${request.target}&gavel_key=${keyId}&gavel_timestamp=${timestampS}&gavel_nonce=${nonce}`;
  const signature = signatureOf({ ...request, target }, signing);
  return { ...request, target: `${target}&gavel_signature=${signature}` };
}

function signatureOf({ method, target, body = "" }: IngestRequest, signing: Signing): string {
  const { keyId, timestampS, nonce } = signing;
  const bodyHash = createHash("sha256").update(body).digest("hex");
  const text = `GAVEL1\n${method}\n${target}\n${timestampS}\n${nonce}\n${bodyHash}`;
  return createHmac("sha256", secrets.get(keyId) ?? "no such key")
    .update(text)
    .digest("hex");
}
