/** Why a whole request was refused, before any event of it was looked at; stable codes. */
export type RequestFaultReason =
  | "notFound"
  | "methodNotAllowed"
  | "unsupportedEncoding"
  | "unsupportedType"
  | "bodyTooLarge"
  | "bodyNotAllowed"
  | "bodyIncomplete"
  | "noEvents"
  | "tooManyEvents"
  | "brokenBatch"
  | "unsigned"
  | "badCredentials"
  | "unknownKey"
  | "staleTimestamp"
  | "badSignature"
  | "replayed"
  | "overloaded"
  | "malformedRequest"
  | "headersTooLarge"
  | "requestTimeout"
  | "internal";

/** A refused request: what is wrong, where, and how to mend it. */
export interface RequestFault {
  readonly kind: "fault";
  readonly status: number;
  readonly reason: RequestFaultReason;
  /** The header, parameter or part at fault; "" where the request as a whole is. */
  readonly field: string;
  /** What to do about it, one sentence. */
  readonly mend: string;
  /** Headers that the status asks for, such as Allow and Retry-After. */
  readonly headers: Readonly<Record<string, string>>;
}

const statuses: Readonly<Record<RequestFaultReason, number>> = {
  notFound: 404,
  methodNotAllowed: 405,
  unsupportedEncoding: 415,
  unsupportedType: 415,
  bodyTooLarge: 413,
  bodyNotAllowed: 400,
  bodyIncomplete: 400,
  noEvents: 400,
  tooManyEvents: 413,
  brokenBatch: 400,
  unsigned: 401,
  badCredentials: 401,
  unknownKey: 401,
  staleTimestamp: 401,
  badSignature: 401,
  replayed: 409,
  overloaded: 429,
  malformedRequest: 400,
  headersTooLarge: 431,
  requestTimeout: 408,
  internal: 500,
};

/** Builds a fault; its status is the reason's. */
export function requestFault(
  reason: RequestFaultReason,
  field: string,
  mend: string,
  headers: Readonly<Record<string, string>> = {},
): RequestFault {
  return { kind: "fault", status: statuses[reason], reason, field, mend, headers };
}

/** What a request beyond the bounds of what is under way is told. */
export function overloaded(what: string): RequestFault {
  const mend = `${what}: send the same again after Retry-After seconds.`;
  return requestFault("overloaded", "", mend, { "Retry-After": "1" });
}
