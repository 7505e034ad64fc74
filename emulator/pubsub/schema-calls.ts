import type { Catalog } from "./catalog.ts";
import { type PageRequest, pageOf } from "./page.ts";
import { alreadyExists, invalidArgument } from "./refusal.ts";
import { checkName, checkProject } from "./resource-name.ts";
import { DELETED_SCHEMA, type Encoding, type SchemaResource } from "./resources.ts";
import { faultIn, SchemaEntry, type SchemaRevision } from "./schema-entry.ts";
import { compileSchema } from "./schema-shape.ts";

type View = "SCHEMA_VIEW_UNSPECIFIED" | "BASIC" | "FULL";

export function createSchema(
  catalog: Catalog,
  request: { parent: string; schemaId: string; schema: SchemaResource | null },
  nowMs: number,
): SchemaResource {
  const name = `${request.parent}/schemas/${request.schemaId}`;
  checkName("schemas", name);
  if (catalog.schemas.has(name)) throw alreadyExists("Schema", name);
  const entry = new SchemaEntry(name);
  const revision = entry.commit(required(request.schema), catalog.nextNumber(), nowMs);
  catalog.schemas.set(name, entry);
  return revision.resource;
}

export function getSchema(catalog: Catalog, request: { name: string; view: View }): SchemaResource {
  const { entry, revision } = revisionOf(catalog, request.name);
  const { resource } = revision ?? entry.newest;
  return request.view === "BASIC" ? { ...resource, definition: "" } : resource;
}

export function listSchemas(
  catalog: Catalog,
  request: PageRequest & { parent: string; view: View },
) {
  checkProject(request.parent);
  const own = [...catalog.schemas.values()].filter(({ name }) =>
    name.startsWith(`${request.parent}/`),
  );
  const { items, nextPageToken } = pageOf(own, ({ name }) => name, request);
  return { schemas: items.map(({ newest }) => inView(newest, request.view)), nextPageToken };
}

export function listSchemaRevisions(
  catalog: Catalog,
  request: PageRequest & { name: string; view: View },
) {
  const entry = catalog.schema(request.name);
  const newestFirst = entry.revisions.toReversed();
  const order = new Map(newestFirst.map(({ id }, index) => [id, String(index).padStart(2, "0")]));
  const placeOf = ({ id }: SchemaRevision) => `${entry.name}/${order.get(id)}`;
  const { items, nextPageToken } = pageOf(newestFirst, placeOf, request);
  return { schemas: items.map((revision) => inView(revision, request.view)), nextPageToken };
}

export function commitSchema(
  catalog: Catalog,
  request: { name: string; schema: SchemaResource | null },
  nowMs: number,
): SchemaResource {
  const entry = catalog.schema(request.name);
  return entry.commit(required(request.schema), catalog.nextNumber(), nowMs).resource;
}

/** Makes an older revision's definition the newest, as a revision of its own. */
export function rollbackSchema(
  catalog: Catalog,
  request: { name: string; revisionId: string },
  nowMs: number,
): SchemaResource {
  const entry = catalog.schema(request.name);
  const { resource } = entry.revision(request.revisionId);
  return entry.commit(resource, catalog.nextNumber(), nowMs).resource;
}

export function deleteSchemaRevision(catalog: Catalog, request: { name: string }): SchemaResource {
  const { entry, revision } = revisionOf(catalog, request.name);
  if (revision === undefined) {
    throw invalidArgument(`The name ${request.name} has no revision: it ends in @{revision_id}.`);
  }
  entry.remove(revision.id);
  return entry.newest.resource;
}

/** Topics that use it keep their settings, name it as deleted, and take no more messages. */
export function deleteSchema(catalog: Catalog, request: { name: string }): object {
  const entry = catalog.schema(request.name);
  catalog.schemas.delete(entry.name);
  for (const topic of catalog.topics.values()) {
    const settings = topic.resource.schemaSettings;
    if (settings?.schema !== entry.name) continue;
    topic.resource = { ...topic.resource, schemaSettings: { ...settings, schema: DELETED_SCHEMA } };
  }
  return {};
}

export function validateSchema(request: { parent: string; schema: SchemaResource | null }): object {
  checkProject(request.parent);
  compileSchema(required(request.schema));
  return {};
}

export function validateMessage(
  catalog: Catalog,
  request: {
    parent: string;
    name?: string;
    schema?: SchemaResource | null;
    message: Buffer;
    encoding: Encoding;
  },
  nowMs: number,
): object {
  checkProject(request.parent);
  if (request.encoding === "ENCODING_UNSPECIFIED") {
    throw invalidArgument("The encoding is unset: it is JSON or BINARY.");
  }
  const revision = request.name
    ? revisionToValidate(catalog, request.name)
    : new SchemaEntry("ad hoc").commit(required(request.schema), 0, nowMs);
  const bytes = Buffer.from(request.message);
  const message = { bytes, dataStart: 0, dataEnd: bytes.length };
  const fault = faultIn(revision, request.encoding, message);
  if (fault !== undefined)
    throw invalidArgument(`The message does not match the schema: ${fault}.`);
  return {};
}

function revisionToValidate(catalog: Catalog, name: string): SchemaRevision {
  const { entry, revision } = revisionOf(catalog, name);
  return revision ?? entry.newest;
}

function revisionOf(catalog: Catalog, name: string) {
  const [schemaName = "", revisionId] = name.split("@");
  const entry = catalog.schema(schemaName);
  return {
    entry,
    revision: revisionId === undefined ? undefined : entry.revision(revisionId),
  };
}

function inView({ resource }: SchemaRevision, view: View): SchemaResource {
  return view === "FULL" ? resource : { ...resource, definition: "" };
}

function required(schema: SchemaResource | null | undefined): SchemaResource {
  if (!schema) throw invalidArgument("The request has no schema.");
  return schema;
}
