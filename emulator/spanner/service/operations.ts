import { status } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import { StatusError, toServiceError } from "../../grpc/status-error.ts";
import type { Methods } from "./grpc-methods.ts";

/** `google.protobuf.Any`, as the proto loader names its fields. */
interface PackedMessage {
  readonly typeUrl: string;
  readonly value: Buffer;
}

interface Operation {
  readonly name: string;
  readonly metadata: PackedMessage;
  readonly done: true;
  readonly response?: PackedMessage;
  readonly error?: { readonly code: number; readonly message: string };
}

/** Long-running operations: each is done before its call answers, and is remembered for GetOperation. */
export class Operations {
  readonly #operations = new Map<string, Operation>();
  #nextId = 1;

  /** Answers with the operation of work that is done. */
  done(parent: string, metadata: PackedMessage, response: PackedMessage): Operation {
    return this.#remember(parent, { metadata, response });
  }

  /** Answers with the operation of work that failed after it had begun. */
  failed(parent: string, metadata: PackedMessage, error: unknown): Operation {
    const { code, details } = toServiceError(error);
    return this.#remember(parent, { metadata, error: { code, message: details } });
  }

  #remember(parent: string, outcome: Omit<Operation, "name" | "done">): Operation {
    const name = `${parent}/operations/_auto_op_${this.#nextId++}`;
    const operation = { name, done: true, ...outcome } as const;
    this.#operations.set(name, operation);
    return operation;
  }

  list(parent: string): Operation[] {
    return [...this.#operations.values()].filter(({ name }) => name.startsWith(parent));
  }

  /** `google.longrunning.Operations`. */
  methods(): Methods {
    return {
      GetOperation: { answer: ({ name }: { name: string }) => this.#get(name) },
      ListOperations: {
        answer: ({ name }: { name: string }) => ({
          operations: this.list(name.replace(/\/operations$/, "")),
        }),
      },
      CancelOperation: {
        answer: ({ name }: { name: string }) => {
          this.#get(name);
          return {};
        },
      },
      DeleteOperation: {
        answer: ({ name }: { name: string }) => {
          this.#operations.delete(name);
          return {};
        },
      },
    };
  }

  #get(name: string): Operation {
    const operation = this.#operations.get(name);
    if (operation !== undefined) return operation;
    throw new StatusError(status.NOT_FOUND, `Operation not found: ${name}`);
  }
}

/** A message of a type that is nothing but text fields, packed; fields by number. */
export function packTexts(
  type: string,
  fields: Readonly<Record<number, string | readonly string[]>>,
): PackedMessage {
  const writer = protobuf.Writer.create();
  for (const [field, texts] of Object.entries(fields)) {
    for (const text of typeof texts === "string" ? [texts] : texts) {
      writer.uint32((Number(field) << 3) | 2).string(text);
    }
  }
  return pack(type, Buffer.from(writer.finish()));
}

export function pack(type: string, value: Buffer): PackedMessage {
  return { typeUrl: `type.googleapis.com/${type}`, value };
}
