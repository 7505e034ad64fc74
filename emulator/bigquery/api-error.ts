import { messageOf } from "../grpc/message-of.ts";
/** What a REST call answers when it refuses, in the words and the form of the real service. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly httpStatus: number;
  readonly reason: string;

  constructor(httpStatus: number, reason: string, message: string) {
    super(message);
    this.httpStatus = httpStatus;
    this.reason = reason;
  }

  body() {
    const { message, reason } = this;
    const errors = [{ message, domain: "global", reason }];
    const status = statuses[this.httpStatus] ?? "INVALID_ARGUMENT";
    return { error: { code: this.httpStatus, message, errors, status } };
  }
}

const statuses: Readonly<Record<number, string>> = {
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  409: "ALREADY_EXISTS",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

export function notFound(kind: string, name: string): ApiError {
  return new ApiError(404, "notFound", `Not found: ${kind} ${name}`);
}

export function alreadyExists(kind: string, name: string): ApiError {
  return new ApiError(409, "duplicate", `Already Exists: ${kind} ${name}`);
}

export function invalid(message: string, reason = "invalid"): ApiError {
  return new ApiError(400, reason, message);
}

const gsqlSentence = /gsql: ([\s\S]*?)' to [A-Z]/;

const unknownColumn =
  /column (?:named )?"?([^"\s!]+)"? (?:not found|referenced that|does not have)/i;

/** A failure of DuckDB as the user should see it: our macros' sentence, an unknown name, or the first line. */
export function queryError(error: unknown, source: string): ApiError {
  if (error instanceof ApiError) return error;
  const text = messageOf(error);
  const [firstLine = text] = text.split("\n");
  const name = unknownColumn.exec(text)?.[1];
  const sentence =
    name === undefined ? firstLine : `Unrecognized name: ${name}${placeOf(name, source)}`;
  return invalid(gsqlSentence.exec(text)?.[1] ?? sentence, "invalidQuery");
}

/** ` at [line:column]` of a name's first appearance in a query. */
function placeOf(name: string, source: string): string {
  const column = name.split(".").at(-1) ?? name;
  const at = source.search(new RegExp(`\\b${column.replaceAll(/\W/g, "\\$&")}\\b`, "i"));
  if (at < 0) return "";
  const lines = source.slice(0, at).split("\n");
  return ` at [${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}]`;
}
