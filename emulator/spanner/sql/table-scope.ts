import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import type { Scope } from "../language/compile.ts";
import { findColumn, type Schema, type Table } from "../schema/schema.ts";
import { informationTable } from "./information-schema.ts";
import { type Parameter, parameterOf } from "./parameters.ts";

/** The table that SQL means by a name; INVALID_ARGUMENT in SQL where there is none. */
export function sqlTable(schema: Schema, name: string): Table {
  const table = schema.findTable(name) ?? informationTable(schema, name);
  if (table !== undefined) return table;
  throw new StatusError(status.INVALID_ARGUMENT, `Table not found: ${name}`);
}

/** Names and parameters of a statement on one table. */
export function tableScope(
  table: Table | undefined,
  alias: string | undefined,
  parameters: ReadonlyMap<string, Parameter>,
): Scope {
  const qualifiers = new Set(
    [alias ?? table?.name.split(".").at(-1) ?? ""].map((name) => name.toLowerCase()),
  );
  return {
    column: (path) => {
      const [first = "", second] = path;
      if (path.length === 2 && second !== undefined && qualifiers.has(first.toLowerCase())) {
        return columnNamed(table, second, `Name ${second} not found inside ${first}`);
      }
      if (path.length === 1) return columnNamed(table, first, `Unrecognized name: ${first}`);
      throw new StatusError(status.INVALID_ARGUMENT, `Unrecognized name: ${path.join(".")}`);
    },
    parameter: (name) => parameterOf(parameters, name),
  };
}

function columnNamed(table: Table | undefined, name: string, complaint: string) {
  const column = table === undefined ? undefined : findColumn(table, name);
  if (column === undefined) throw new StatusError(status.INVALID_ARGUMENT, complaint);
  return column;
}
