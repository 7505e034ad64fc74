import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import { type Cell, readCell } from "../values/cell.ts";
import { BOOL, FLOAT64, type SpannerType, STRING, typeName } from "../values/type.ts";
import type { Statement } from "../wire/decode-request.ts";

export interface Parameter {
  /** Undefined for a NULL whose type the client did not tell: it fits any. */
  readonly type: SpannerType | undefined;
  readonly cell: Cell;
}

/** A statement's parameters by lower-case name, checked against the types they came with. */
export function readParameters(statement: Statement): Map<string, Parameter> {
  const parameters = new Map<string, Parameter>();
  for (const [name, value] of statement.params) {
    const type = statement.paramTypes.get(name) ?? typeOfValue(value);
    const cell = type === undefined ? value : readCell(type, value);
    if (cell === undefined) {
      throw new StatusError(
        status.INVALID_ARGUMENT,
        `Invalid value for bind parameter ${name}: Expected ${type === undefined ? "a value" : typeName(type)}.`,
      );
    }
    parameters.set(name.toLowerCase(), { type, cell });
  }
  return parameters;
}

export function parameterOf(parameters: ReadonlyMap<string, Parameter>, name: string): Parameter {
  const parameter = parameters.get(name.toLowerCase());
  if (parameter !== undefined) return parameter;
  throw new StatusError(status.INVALID_ARGUMENT, `No parameter found for binding: ${name}`);
}

function typeOfValue(value: Cell): SpannerType | undefined {
  if (typeof value === "string") return STRING;
  if (typeof value === "boolean") return BOOL;
  return typeof value === "number" ? FLOAT64 : undefined;
}
