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
    const statuses: Record<number, string> = { 404: "NOT_FOUND", 409: "ALREADY_EXISTS" };
    const status = statuses[this.httpStatus] ?? "INVALID_ARGUMENT";
    return { error: { code: this.httpStatus, message, errors, status } };
  }
}

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

/** A failure of DuckDB as the user should see it: our macros' sentence, or the first line. */
export function queryError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const text = messageOf(error);
  const [firstLine = text] = text.split("\n");
  return invalid(gsqlSentence.exec(text)?.[1] ?? firstLine, "invalidQuery");
}
