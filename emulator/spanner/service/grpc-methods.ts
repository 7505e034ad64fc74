import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { StatusError, toServiceError } from "../../grpc/status-error.ts";

/** Tells when the caller has gone away. */
export interface CallContext {
  onCancelled(abandon: () => void): void;
}

/**
 * One method of a service. Where `decode` is given, requests come raw, and answers go out as bytes.
 * The request's type is the method's own affair: the service's definition, or `decode`, makes it.
 */
export interface Method {
  readonly decode?: (bytes: Buffer) => unknown;
  /** Answers a unary call. */
  readonly answer?: (request: never, context: CallContext) => unknown;
  /** Answers a streaming call, message by message. */
  readonly stream?: (request: never, context: CallContext) => Promise<Iterable<unknown>>;
}

export type Methods = Readonly<Record<string, Method>>;

/** Adds a service with these methods; every other method of it is refused by name. */
export function addMethods(server: Server, service: ServiceDefinition, methods: Methods): void {
  const definition: Record<string, ServiceDefinition[string]> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const [name, original] of Object.entries(service)) {
    const method = methods[name];
    definition[name] =
      method?.decode === undefined
        ? original
        : { ...original, requestDeserialize: method.decode, responseSerialize: passBytes };
    implementation[name] = original.responseStream
      ? streamingCall(original.path, method)
      : unaryCall(original.path, method);
  }
  server.addService(definition, implementation);
}

function passBytes(bytes: Buffer): Buffer {
  return bytes;
}

function unaryCall(path: string, method: Method | undefined): handleUnaryCall<unknown, unknown> {
  return (call, callback) => {
    answer(path, method, call).then(
      (response) => callback(null, response),
      (error: unknown) => callback(toServiceError(error)),
    );
  };
}

async function answer(
  path: string,
  method: Method | undefined,
  call: ServerUnaryCall<unknown, unknown>,
): Promise<unknown> {
  if (method?.answer === undefined) throw unimplemented(path);
  return await method.answer(requestOf(call), contextOf(call));
}

function streamingCall(
  path: string,
  method: Method | undefined,
): handleServerStreamingCall<unknown, unknown> {
  return (call) => {
    stream(path, method, call).then(
      () => call.end(),
      (error: unknown) => {
        // Without headers before it, clients take an error for no answer at all, and ask twice more.
        call.sendMetadata(new Metadata());
        call.emit("error", toServiceError(error));
      },
    );
  };
}

async function stream(
  path: string,
  method: Method | undefined,
  call: ServerWritableStream<unknown, unknown>,
): Promise<void> {
  if (method?.stream === undefined) throw unimplemented(path);
  for (const message of await method.stream(requestOf(call), contextOf(call))) call.write(message);
}

/** `never` because only the method knows the type, which its decoder made. */
function requestOf(call: { readonly request: unknown }): never {
  return call.request as never;
}

function contextOf(
  call: ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>,
): CallContext {
  return { onCancelled: (abandon) => void call.on("cancelled", abandon) };
}

function unimplemented(path: string): StatusError {
  return new StatusError(
    status.UNIMPLEMENTED,
    `The Spanner emulator does not implement ${path.slice(1).replace("/", ".")}. See emulator/spanner/README.md for what it does.`,
  );
}
