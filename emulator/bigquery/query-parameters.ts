import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  VARCHAR,
} from "@duckdb/node-api";
import { invalid } from "./api-error.ts";
import { readCell } from "./cell.ts";
import { typeText as fieldTypeText } from "./schema.ts";

interface ParameterType {
  readonly type: string;
  readonly arrayType?: ParameterType;
}

interface ParameterValue {
  readonly value?: string | null;
  readonly arrayValues?: readonly ParameterValue[];
}

/** A query parameter as jobs.query carries it. */
export interface WireParameter {
  readonly name?: string;
  readonly parameterType: ParameterType;
  readonly parameterValue?: ParameterValue;
}

export interface QueryParameters {
  readonly types: Readonly<Record<string, string>>;
  /** Values and DuckDB types of the parameters that the translated query names. */
  readonly bind: (names: readonly string[]) => {
    values: Record<string, DuckDBValue>;
    types: Record<string, DuckDBType>;
  };
}

const bindTypes: Readonly<Record<string, DuckDBType>> = {
  INT64: BIGINT,
  INTEGER: BIGINT,
  FLOAT64: DOUBLE,
  FLOAT: DOUBLE,
  NUMERIC: DECIMAL(38, 9),
  BOOL: BOOLEAN,
  BOOLEAN,
  STRING: VARCHAR,
  BYTES: BLOB,
  DATE,
  TIME,
  DATETIME: TIMESTAMP,
  TIMESTAMP: TIMESTAMPTZ,
  JSON: VARCHAR,
};

export function readParameters(parameters: readonly WireParameter[]): QueryParameters {
  const byName = new Map(
    parameters.map((parameter, index) => [parameter.name || String(index + 1), parameter]),
  );
  const types = [...byName].map(([name, parameter]) => [name, typeText(parameter.parameterType)]);
  const bind = (names: readonly string[]) => {
    const values: Record<string, DuckDBValue> = {};
    const boundTypes: Record<string, DuckDBType> = {};
    for (const name of names) {
      const parameter = byName.get(name);
      if (parameter === undefined)
        throw invalid(`Query parameter '${name}' not found`, "invalidQuery");
      values[name] = readValue(name, parameter.parameterType, parameter.parameterValue ?? {});
      boundTypes[name] = bindType(parameter.parameterType);
    }
    return { values, types: boundTypes };
  };
  return { types: Object.fromEntries(types), bind };
}

function typeText(type: ParameterType): string {
  if (type.arrayType !== undefined) return `ARRAY<${typeText(type.arrayType)}>`;
  return fieldTypeText({ name: "", type: type.type });
}

function bindType(type: ParameterType): DuckDBType {
  if (type.arrayType !== undefined) return LIST(bindType(type.arrayType));
  const duckdb = bindTypes[type.type];
  if (duckdb === undefined) {
    throw invalid(`The emulator does not support query parameters of type ${type.type}`);
  }
  return duckdb;
}

function readValue(name: string, type: ParameterType, value: ParameterValue): DuckDBValue {
  if (type.arrayType === undefined) return readCell({ name, type: type.type }, value.value);
  const items = (value.arrayValues ?? []).map((item) => item.value);
  return readCell({ name, type: type.arrayType.type, mode: "REPEATED" }, items);
}
