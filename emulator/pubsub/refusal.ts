import { status } from "@grpc/grpc-js";
import { type ErrorInfo, StatusError } from "../grpc/status-error.ts";

export function invalidArgument(message: string, errorInfo?: ErrorInfo): StatusError {
  return new StatusError(
    status.INVALID_ARGUMENT,
    message,
    errorInfo === undefined ? undefined : { errorInfo },
  );
}

export function notFound(kind: string, name: string): StatusError {
  return new StatusError(status.NOT_FOUND, `${kind} not found: ${name}.`);
}

export function alreadyExists(kind: string, name: string): StatusError {
  return new StatusError(status.ALREADY_EXISTS, `${kind} already exists: ${name}.`);
}

export function failedPrecondition(message: string): StatusError {
  return new StatusError(status.FAILED_PRECONDITION, message);
}

export function unavailable(message: string): StatusError {
  return new StatusError(status.UNAVAILABLE, message);
}

/** What the service can and this emulator does not, by name. */
export function unimplemented(what: string): StatusError {
  return new StatusError(
    status.UNIMPLEMENTED,
    `${what} is not played by this emulator; emulator/pubsub/README.md lists what is.`,
  );
}
