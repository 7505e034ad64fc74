import type { Reader } from "protobufjs";
import { type SpannerType, type StructField, typeCodeOf } from "../values/type.ts";
import { endOfField, readFields } from "./decode-value.ts";

/** One entry of `param_types`, a map from names to `google.spanner.v1.Type`. */
export function readTypeEntry(reader: Reader, types: Map<string, SpannerType>): void {
  let name = "";
  let type: SpannerType | undefined;
  readFields(reader, endOfField(reader), {
    1: () => {
      name = reader.string();
    },
    2: () => {
      type = readType(reader);
    },
  });
  if (type !== undefined) types.set(name, type);
}

/** `google.spanner.v1.Type`: 1 code, 2 array_element_type, 3 struct_type. An unspecified code is undefined. */
function readType(reader: Reader): SpannerType | undefined {
  let code = 0;
  let element: SpannerType | undefined;
  let fields: StructField[] | undefined;
  readFields(reader, endOfField(reader), {
    1: () => {
      code = reader.int32();
    },
    2: () => {
      element = readType(reader);
    },
    3: () => {
      fields = readStructType(reader);
    },
  });
  if (code === 0) return undefined;
  return {
    code: typeCodeOf(code),
    ...(element === undefined ? {} : { element }),
    ...(fields === undefined ? {} : { fields }),
  };
}

function readStructType(reader: Reader): StructField[] {
  const fields: StructField[] = [];
  readFields(reader, endOfField(reader), {
    1: () => {
      let name = "";
      let type: SpannerType = { code: "STRING" };
      readFields(reader, endOfField(reader), {
        1: () => {
          name = reader.string();
        },
        2: () => {
          type = readType(reader) ?? type;
        },
      });
      fields.push({ name, type });
    },
  });
  return fields;
}
