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
  listValue,
  STRUCT,
  structValue,
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
  readonly structTypes?: readonly { readonly name?: string; readonly type: ParameterType }[];
}

interface ParameterValue {
  readonly value?: string | null;
  readonly arrayValues?: readonly ParameterValue[];
  readonly structValues?: Readonly<Record<string, ParameterValue>>;
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
  if (type.structTypes === undefined) return fieldTypeText({ name: "", type: type.type });
  const fields = structFields(type).map(([name, field]) => `\`${name}\` ${typeText(field)}`);
  return `STRUCT<${fields.join(", ")}>`;
}

function structFields({ structTypes = [] }: ParameterType): [string, ParameterType][] {
  return structTypes.map(({ name = "", type }) => {
    if (name === "") throw invalid("The emulator needs names for the fields of a STRUCT parameter");
    return [name, type];
  });
}

function bindType(type: ParameterType): DuckDBType {
  if (type.arrayType !== undefined) return LIST(bindType(type.arrayType));
  if (type.structTypes !== undefined) {
    const fields = structFields(type).map(([name, field]) => [name, bindType(field)]);
    return STRUCT(Object.fromEntries(fields));
  }
  const duckdb = bindTypes[type.type];
  if (duckdb === undefined) {
    throw invalid(`The emulator does not support query parameters of type ${type.type}`);
  }
  return duckdb;
}

function readValue(name: string, type: ParameterType, value: ParameterValue): DuckDBValue {
  const { arrayType, structTypes } = type;
  if (arrayType !== undefined) {
    return listValue((value.arrayValues ?? []).map((item) => readValue(name, arrayType, item)));
  }
  if (structTypes === undefined) return readCell({ name, type: type.type }, value.value);
  const { structValues } = value;
  if (structValues === undefined) return null;
  const fields = structFields(type).map(([field, of]) => [
    field,
    readValue(`${name}.${field}`, of, structValues[field] ?? {}),
  ]);
  return structValue(Object.fromEntries(fields));
}
