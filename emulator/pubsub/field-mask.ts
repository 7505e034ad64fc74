import { invalidArgument } from "./refusal.ts";
import type { FieldMask } from "./resources.ts";

/** The fields of a resource that an update may name, in wire (snake) case, and those it may not change. */
export interface MaskedFields {
  readonly mutable: readonly string[];
  readonly immutable: readonly string[];
}

/** The resource with the named fields taken from `update`. A path may go one level into a field. */
export function applyMask<Resource extends object>(
  current: Resource,
  update: Resource,
  mask: FieldMask | null | undefined,
  fields: MaskedFields,
): Resource {
  const paths = mask?.paths ?? [];
  if (paths.length === 0) {
    throw invalidArgument("The update_mask is empty: name at least one field to update.");
  }
  return paths.reduce((result, path) => applyPath(result, update, path, fields), current);
}

function applyPath<Resource extends object>(
  current: Resource,
  update: Resource,
  path: string,
  fields: MaskedFields,
): Resource {
  const [outer = "", inner] = path.split(".").map(snakeCase);
  if (fields.immutable.includes(outer)) {
    throw invalidArgument(`The update_mask names ${path}, which cannot be changed after creation.`);
  }
  if (!fields.mutable.includes(outer)) {
    throw invalidArgument(
      `The update_mask names ${path}, which is not a field that can be updated: ` +
        `${fields.mutable.join(", ")}.`,
    );
  }
  const field = camelCase(outer);
  const value = fieldOf(update, field);
  if (inner === undefined) return { ...current, [field]: value };
  const nested = fieldOf(current, field);
  const nestedUpdate = fieldOf(value, camelCase(inner));
  return {
    ...current,
    [field]: { ...(isObject(nested) ? nested : {}), [camelCase(inner)]: nestedUpdate },
  };
}

function fieldOf(resource: unknown, field: string): unknown {
  return isObject(resource) ? Object.entries(resource).find(([name]) => name === field)?.[1] : null;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
