import { MINUTE_MS } from "../time.ts";
import type { RequestHead } from "./admit-request.ts";
import { type RequestFault, requestFault } from "./request-fault.ts";

/** How far a request's timestamp may lie from our clock, either way, in milliseconds. */
export const SIGNATURE_SKEW_MS = 5 * MINUTE_MS;

/** What a request brings to prove who sent it. */
export interface Credentials {
  readonly kind: "credentials";
  readonly keyId: string;
  readonly timestampS: number;
  readonly nonce: string;
  /** HMAC-SHA256, 64 hexadecimal digits. */
  readonly signature: string;
  /** Path and query that the signature covers: the request's own, without the signature itself. */
  readonly signedTarget: string;
}

interface GivenCredentials {
  readonly place: string;
  readonly keyId: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: string;
  readonly signedTarget: string;
}

const KEY_ID = /^[A-Za-z0-9._-]{1,64}$/;
const TIMESTAMP = /^\d{1,12}$/;
const NONCE = /^[A-Za-z0-9_-]{16,64}$/;
const SIGNATURE = /^[0-9a-f]{64}$/;
/** In a query the signature comes last: it covers everything before it. */
const QUERY_SIGNATURE = "&gavel_signature=";

/**
 * The text whose HMAC-SHA256 under the source's key is the signature. Six lines: version, method, path
 * with query, epoch seconds, nonce, and the body's SHA-256 in hexadecimal.
 */
export function signedText(
  method: string,
  credentials: Pick<Credentials, "signedTarget" | "timestampS" | "nonce">,
  bodySha256: string,
): string {
  const { signedTarget, timestampS, nonce } = credentials;
  return ["GAVEL1", method, signedTarget, timestampS, nonce, bodySha256].join("\n");
}

/**
 * Reads a request's credentials from its headers, or from the query of a GET, whose caller can set no
 * headers; refuses malformed and stale ones. That the signature is right is for who knows the key.
 */
export function readCredentials(head: RequestHead, nowMs: number): Credentials | RequestFault {
  const given = givenInHeaders(head) ?? givenInQuery(head);
  if (given === undefined) {
    const mend =
      "Sign the request: X-Gavel-Key, X-Gavel-Timestamp, X-Gavel-Nonce and X-Gavel-Signature, or gavel_key, gavel_timestamp, gavel_nonce and gavel_signature at the end of a GET's query.";
    return requestFault("unsigned", "X-Gavel-Signature", mend);
  }
  const { place, keyId, timestamp, nonce, signature, signedTarget } = given;
  const bad = (field: string, mend: string): RequestFault =>
    requestFault("badCredentials", `${place}${field}`, mend);
  if (!KEY_ID.test(keyId)) return bad("key", "Give the id of one of your keys.");
  if (!TIMESTAMP.test(timestamp)) return bad("timestamp", "Give the time in epoch seconds.");
  if (!NONCE.test(nonce)) return bad("nonce", "Give 16 to 64 letters, digits, - or _ at random.");
  if (!SIGNATURE.test(signature)) return bad("signature", "Give HMAC-SHA256 in hexadecimal.");
  const timestampS = Number(timestamp);
  if (Math.abs(nowMs - timestampS * 1000) > SIGNATURE_SKEW_MS) {
    const mend = `Sign with the time of sending: ours is ${Math.floor(nowMs / 1000)}, within 300 s.`;
    return requestFault("staleTimestamp", `${place}timestamp`, mend);
  }
  return { kind: "credentials", keyId, timestampS, nonce, signature, signedTarget };
}

function givenInHeaders({ headers, target }: RequestHead): GivenCredentials | undefined {
  if (headers["x-gavel-signature"] === undefined) return undefined;
  const header = (name: string): string => String(headers[`x-gavel-${name}`] ?? "");
  return {
    place: "x-gavel-",
    keyId: header("key"),
    timestamp: header("timestamp"),
    nonce: header("nonce"),
    signature: header("signature"),
    signedTarget: target,
  };
}

function givenInQuery({ method, target }: RequestHead): GivenCredentials | undefined {
  const at = target.lastIndexOf(QUERY_SIGNATURE);
  if (method !== "GET" || at < 0) return undefined;
  const signedTarget = target.slice(0, at);
  const parameter = (name: string): string =>
    new RegExp(`[?&]gavel_${name}=([^&]*)`).exec(signedTarget)?.[1] ?? "";
  return {
    place: "gavel_",
    keyId: parameter("key"),
    timestamp: parameter("timestamp"),
    nonce: parameter("nonce"),
    signature: target.slice(at + QUERY_SIGNATURE.length),
    signedTarget,
  };
}
