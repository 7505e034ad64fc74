import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import { type Cell, lengthOf } from "../values/cell.ts";
import { compareCells } from "../values/compare.ts";
import { dateOfEpochMs, timestampOfMicros } from "../values/timestamp.ts";
import { BOOL, DATE, INT64, type SpannerType, STRING, TIMESTAMP } from "../values/type.ts";
import { asBool, type Compiled, coerce, computed, noSignature, unifyAll } from "./compiled.ts";

/** What a mutation or DML writes where the commit timestamp is to stand. */
export const COMMIT_TIMESTAMP = "spanner.commit_timestamp()";

type Builder = (args: readonly Compiled[], name: string) => Compiled;

/** The functions of checks, generated columns, DML and single-table queries. Others need the SQL replica. */
export function compileCall(name: string, args: readonly Compiled[]): Compiled {
  const build = FUNCTIONS.get(name);
  if (build === undefined) {
    throw new StatusError(status.INVALID_ARGUMENT, `Function not found: ${name}`);
  }
  return build(args, name);
}

export function isRowFunction(name: string): boolean {
  return FUNCTIONS.has(name);
}

const FUNCTIONS = new Map<string, Builder>([
  ["PENDING_COMMIT_TIMESTAMP", () => computed(TIMESTAMP, () => COMMIT_TIMESTAMP)],
  [
    "CURRENT_TIMESTAMP",
    () => computed(TIMESTAMP, (_, { nowMicros }) => timestampOfMicros(nowMicros)),
  ],
  ["CURRENT_DATE", () => computed(DATE, (_, { nowMicros }) => dateOfEpochMs(nowMicros / 1000))],
  ["COALESCE", coalesce],
  ["IFNULL", coalesce],
  ["IF", conditional],
  ["NULLIF", nullIf],
  ["GREATEST", (args, name) => extreme(args, name, 1)],
  ["LEAST", (args, name) => extreme(args, name, -1)],
  ["CONCAT", concat],
  ["LENGTH", length],
  ["CHAR_LENGTH", length],
  ["BYTE_LENGTH", onText(INT64, (text) => String(Buffer.byteLength(text, "utf8")))],
  ["UPPER", onText(STRING, (text) => text.toUpperCase())],
  ["LOWER", onText(STRING, (text) => text.toLowerCase())],
  ["TRIM", onText(STRING, (text) => text.trim())],
  ["STARTS_WITH", onText(BOOL, (text, prefix) => text.startsWith(prefix ?? ""))],
  ["ENDS_WITH", onText(BOOL, (text, suffix) => text.endsWith(suffix ?? ""))],
  ["STRPOS", onText(INT64, (text, part) => String(text.indexOf(part ?? "") + 1))],
  ["REGEXP_CONTAINS", onText(BOOL, (text, pattern) => new RegExp(pattern ?? "", "u").test(text))],
  ["SUBSTR", substring],
  ["ABS", absolute],
  ["MOD", modulo],
  ["ARRAY_LENGTH", arrayLength],
]);

function coalesce(args: readonly Compiled[], name: string): Compiled {
  const { type, values } = unifyAll(name, args);
  return computed(type, (row, moment) => {
    for (const value of values) {
      const cell = value.run(row, moment);
      if (cell !== null) return cell;
    }
    return null;
  });
}

function conditional(args: readonly Compiled[], name: string): Compiled {
  const [condition, ...results] = args;
  if (condition === undefined || results.length !== 2) throw noSignature(name, args);
  const test = asBool(condition);
  const { type, values } = unifyAll(name, results);
  return computed(type, (row, moment) => {
    const chosen = values[test.run(row, moment) === true ? 0 : 1];
    return chosen?.run(row, moment) ?? null;
  });
}

function nullIf(args: readonly Compiled[], name: string): Compiled {
  const { type, values } = unifyAll(name, args);
  const [value, excluded] = values;
  if (type === undefined || value === undefined || excluded === undefined) {
    throw noSignature(name, args);
  }
  return computed(type, (row, moment) => {
    const cell = value.run(row, moment);
    const other = excluded.run(row, moment);
    if (cell === null || other === null) return cell;
    return compareCells(type, cell, other) === 0 ? null : cell;
  });
}

function extreme(args: readonly Compiled[], name: string, direction: number): Compiled {
  const { type, values } = unifyAll(name, args);
  if (type === undefined) throw noSignature(name, args);
  return computed(type, (row, moment) => {
    const cells = values.map((value) => value.run(row, moment));
    if (cells.includes(null)) return null;
    return cells.reduce((best, cell) =>
      compareCells(type, cell, best) * direction > 0 ? cell : best,
    );
  });
}

function concat(args: readonly Compiled[], name: string): Compiled {
  const { type, values } = unifyAll(name, args);
  if (type?.code !== "STRING") throw noSignature(name, args);
  return computed(STRING, (row, moment) => {
    const cells = values.map((value) => value.run(row, moment));
    return cells.includes(null) ? null : cells.join("");
  });
}

function length(args: readonly Compiled[], name: string): Compiled {
  const [operand] = args;
  const type = operand?.type;
  if (operand === undefined || (type?.code !== "STRING" && type?.code !== "BYTES")) {
    throw noSignature(name, args);
  }
  return mapped(INT64, operand, (cell) => String(lengthOf(type, String(cell))));
}

/** A function of one or two texts. */
function onText(type: SpannerType, apply: (text: string, other?: string) => Cell): Builder {
  return (args) => {
    const texts = args.map((arg) => coerce(arg, STRING));
    return computed(type, (row, moment) => {
      const cells = texts.map((text) => text.run(row, moment));
      if (cells.includes(null)) return null;
      const [text, other] = cells.map(String);
      return apply(text ?? "", other);
    });
  };
}

function substring(args: readonly Compiled[], name: string): Compiled {
  const [text, start, count] = args;
  if (text === undefined || start === undefined) throw noSignature(name, args);
  const source = coerce(text, STRING);
  return computed(STRING, (row, moment) => {
    const cell = source.run(row, moment);
    const from = start.run(row, moment);
    const size = count === undefined ? undefined : count.run(row, moment);
    if (cell === null || from === null || size === null) return null;
    const characters = [...String(cell)];
    const position = Number(from);
    const first =
      position < 0 ? Math.max(0, characters.length + position) : Math.max(0, position - 1);
    const end = size === undefined ? characters.length : first + Number(size);
    return characters.slice(first, end).join("");
  });
}

function absolute(args: readonly Compiled[], name: string): Compiled {
  const [operand] = args;
  if (operand === undefined) throw noSignature(name, args);
  return mapped(operand.type, operand, (cell) =>
    typeof cell === "number" ? Math.abs(cell) : String(cell).replace(/^-/, ""),
  );
}

function modulo(args: readonly Compiled[], name: string): Compiled {
  const { type, values } = unifyAll(name, args);
  const [left, right] = values;
  if (type?.code !== "INT64" || left === undefined || right === undefined) {
    throw noSignature(name, args);
  }
  return computed(INT64, (row, moment) => {
    const dividend = left.run(row, moment);
    const divisor = right.run(row, moment);
    if (dividend === null || divisor === null) return null;
    if (divisor === "0") {
      throw new StatusError(status.OUT_OF_RANGE, `division by zero: MOD(${String(dividend)}, 0)`);
    }
    return String(BigInt(String(dividend)) % BigInt(String(divisor)));
  });
}

function arrayLength(args: readonly Compiled[], name: string): Compiled {
  const [operand] = args;
  if (operand === undefined) throw noSignature(name, args);
  return mapped(INT64, operand, (cell) => String(Array.isArray(cell) ? cell.length : 0));
}

function mapped(
  type: SpannerType | undefined,
  operand: Compiled,
  apply: (cell: Cell) => Cell,
): Compiled {
  return computed(type, (row, moment) => {
    const cell = operand.run(row, moment);
    return cell === null ? null : apply(cell);
  });
}
