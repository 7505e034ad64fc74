import { type RequestFault, requestFault } from "./request-fault.ts";

/** Largest body, in bytes. */
export const BODY_BYTES_MAX = 262_144;
/** Most events of one request. */
export const REQUEST_EVENTS_MAX = 500;

const noticeTypes = ["win", "billing", "loss"] as const;

/** How a body of `POST /v1/events` is written. */
export type BodyForm = "json" | "ndjson" | "protobuf";

/** What a request asks for. */
export type Route =
  | { readonly kind: "health" }
  | { readonly kind: "events"; readonly form: BodyForm }
  | {
      readonly kind: "notice";
      readonly type: (typeof noticeTypes)[number];
      /** The query string without its question mark. */
      readonly query: string;
    };

/** A request before its body: what the guard decides by. Header names are lower-case. */
export interface RequestHead {
  readonly method: string;
  /** Path and query as they stand in the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

const forms: ReadonlyMap<string, BodyForm> = new Map([
  ["application/json", "json"],
  ["application/x-ndjson", "ndjson"],
  ["application/jsonl", "ndjson"],
  ["application/x-protobuf", "protobuf"],
  ["application/protobuf", "protobuf"],
]);

/** Decides from its head alone what a request asks for, or what it is refused with. */
export function admitRequest(head: RequestHead): Route | RequestFault {
  const mark = head.target.indexOf("?");
  const path = mark < 0 ? head.target : head.target.slice(0, mark);
  const query = mark < 0 ? "" : head.target.slice(mark + 1);
  if (path === "/health") return methodFault(head, ["GET"]) ?? { kind: "health" };
  if (path === "/v1/events") {
    return methodFault(head, ["POST"]) ?? bodyFault(head) ?? eventsRoute(head);
  }
  const type = noticeTypes.find((each) => path === `/v1/notices/${each}`);
  if (type === undefined) {
    const mend = "Use POST /v1/events, or GET or POST /v1/notices/{win|billing|loss}.";
    return requestFault("notFound", "path", mend);
  }
  return (
    methodFault(head, ["GET", "POST"]) ??
    bodyFault(head) ??
    noticeFault(head, query) ?? { kind: "notice", type, query }
  );
}

/** The length that the request announces in bytes; undefined where it is sent in chunks. */
export function announcedBytes({ headers }: RequestHead): number | undefined {
  if (headers["transfer-encoding"] !== undefined) return undefined;
  return Number(headers["content-length"] ?? 0);
}

/** What a body above {@link BODY_BYTES_MAX} is refused with. */
export function bodyTooLarge(): RequestFault {
  const mend = `A body has at most ${BODY_BYTES_MAX} bytes: split it.`;
  return requestFault("bodyTooLarge", "body", mend, { Connection: "close" });
}

function methodFault(
  { method }: RequestHead,
  allowed: readonly string[],
): RequestFault | undefined {
  if (allowed.includes(method)) return undefined;
  const allow = allowed.join(", ");
  return requestFault("methodNotAllowed", "method", `Use ${allow}.`, { Allow: allow });
}

function bodyFault(head: RequestHead): RequestFault | undefined {
  const encoding = head.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    const mend = "Send the body as it is, without Content-Encoding.";
    return requestFault("unsupportedEncoding", "Content-Encoding", mend);
  }
  return (announcedBytes(head) ?? 0) > BODY_BYTES_MAX ? bodyTooLarge() : undefined;
}

function eventsRoute(head: RequestHead): Route | RequestFault {
  const form = formOf(head);
  if (form !== undefined) return { kind: "events", form };
  const mend = `Use one of ${[...forms.keys()].join(", ")}.`;
  return requestFault("unsupportedType", "Content-Type", mend);
}

/** A notice is its query, or a JSON body; never both, so that nothing given is left unread. */
function noticeFault(head: RequestHead, query: string): RequestFault | undefined {
  const hasBody = announcedBytes(head) !== 0;
  if (hasBody && (head.method === "GET" || query !== "")) {
    return requestFault(
      "bodyNotAllowed",
      "body",
      "Give the notice in the query or in a POST's body.",
    );
  }
  if (!hasBody || formOf(head) === "json") return undefined;
  return requestFault(
    "unsupportedType",
    "Content-Type",
    "Use application/json for a notice's body.",
  );
}

function formOf({ headers }: RequestHead): BodyForm | undefined {
  const [media = ""] = String(headers["content-type"] ?? "").split(";");
  return forms.get(media.trim().toLowerCase());
}
