import { protosOf } from "./proto-services.ts";
import type { ErrorInfo } from "./status-error.ts";

const root = protosOf("google-gax", "status.json");

interface StatusFields {
  readonly code: number;
  readonly message: string;
  readonly errorInfo: ErrorInfo | undefined;
  readonly retryDelayMs: number | undefined;
}

/** Bytes of `google.rpc.Status`, what clients read from the trailer `grpc-status-details-bin`. */
export function encodeStatusDetails(fields: StatusFields): Buffer {
  const details: { type_url: string; value: Buffer }[] = [];
  if (fields.errorInfo !== undefined) details.push(packed("ErrorInfo", fields.errorInfo));
  if (fields.retryDelayMs !== undefined) {
    details.push({ type_url: typeUrl("RetryInfo"), value: encodeRetryInfo(fields.retryDelayMs) });
  }
  return encode("Status", { code: fields.code, message: fields.message, details });
}

/** Bytes of `google.rpc.RetryInfo`, what the Spanner client reads from its own trailer. */
export function encodeRetryInfo(retryDelayMs: number): Buffer {
  const seconds = Math.floor(retryDelayMs / 1000);
  return encode("RetryInfo", { retryDelay: { seconds, nanos: (retryDelayMs % 1000) * 1_000_000 } });
}

function packed(type: string, fields: object): { type_url: string; value: Buffer } {
  return { type_url: typeUrl(type), value: encode(type, { ...fields }) };
}

function typeUrl(type: string): string {
  return `type.googleapis.com/google.rpc.${type}`;
}

function encode(type: string, fields: { readonly [key: string]: unknown }): Buffer {
  return Buffer.from(root.lookupType(`google.rpc.${type}`).encode(fields).finish());
}
