import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import type { Catalog, Instance } from "../catalog.ts";
import type { Methods } from "./grpc-methods.ts";
import { type Operations, pack, packTexts } from "./operations.ts";
import { protoTimestamp } from "./proto-time.ts";

export interface AdminContext {
  readonly catalog: Catalog;
  readonly operations: Operations;
  readonly now: () => number;
  /** The bytes of a message of the service's own: an Instance or a Database. */
  readonly serialize: (message: object) => Buffer;
}

interface InstanceFields {
  readonly name: string;
  readonly config: string;
  readonly displayName: string;
  readonly nodeCount: number;
  readonly processingUnits: number;
  readonly labels: Readonly<Record<string, string>>;
}

const PACKAGE = "google.spanner.admin.instance.v1";
/** One node is a thousand processing units. */
const UNITS_PER_NODE = 1000;
/** The configurations that ListInstanceConfigs shows; CreateInstance takes any name. */
const CONFIGS = [
  "emulator-config",
  "regional-us-central1",
  "regional-europe-west1",
  "nam-eur-asia1",
];

/** `google.spanner.admin.instance.v1.InstanceAdmin`. */
export function instanceMethods(context: AdminContext): Methods {
  const { catalog } = context;
  return {
    CreateInstance: {
      answer: (request: { parent: string; instanceId: string; instance: InstanceFields | null }) =>
        createInstance(context, request),
    },
    UpdateInstance: {
      answer: (request: { instance: InstanceFields; fieldMask: { paths: string[] } | null }) =>
        updateInstance(context, request),
    },
    GetInstance: {
      answer: ({ name }: { name: string }) => instanceMessage(catalog.instance(name)),
    },
    ListInstances: {
      answer: ({ parent }: { parent: string }) => ({
        instances: catalog.instances(`${parent}/instances`).map(instanceMessage),
      }),
    },
    DeleteInstance: {
      answer: ({ name }: { name: string }) => {
        catalog.removeInstance(name);
        return {};
      },
    },
    ListInstanceConfigs: {
      answer: ({ parent }: { parent: string }) => ({
        instanceConfigs: CONFIGS.map((id) => configMessage(`${parent}/instanceConfigs/${id}`)),
      }),
    },
    GetInstanceConfig: { answer: ({ name }: { name: string }) => configMessage(name) },
  };
}

function createInstance(
  context: AdminContext,
  request: { parent: string; instanceId: string; instance: InstanceFields | null },
): object {
  const { catalog, operations, now, serialize } = context;
  const fields = request.instance;
  if (!/^[a-z][-a-z0-9]{0,62}[a-z0-9]$/.test(request.instanceId)) {
    throw new StatusError(
      status.INVALID_ARGUMENT,
      `Invalid instance id "${request.instanceId}": use 2 to 64 lower-case letters, digits and "-", beginning with a letter.`,
    );
  }
  const units = fields?.processingUnits ?? 0;
  const nodes = fields?.nodeCount ?? 0;
  const processingUnits = units > 0 ? units : Math.max(nodes, 1) * UNITS_PER_NODE;
  const instance = catalog.addInstance({
    name: `${request.parent}/instances/${request.instanceId}`,
    config: fields?.config ?? "",
    displayName: fields?.displayName ?? request.instanceId,
    nodeCount: Math.floor(processingUnits / UNITS_PER_NODE),
    processingUnits,
    labels: fields?.labels ?? {},
    createdMs: now(),
  });
  const response = pack(`${PACKAGE}.Instance`, serialize(instanceMessage(instance)));
  return operations.done(
    instance.name,
    packTexts(`${PACKAGE}.CreateInstanceMetadata`, {}),
    response,
  );
}

function updateInstance(
  context: AdminContext,
  request: { instance: InstanceFields; fieldMask: { paths: string[] } | null },
): object {
  const { catalog, operations, serialize } = context;
  const instance = catalog.instance(request.instance.name);
  for (const path of request.fieldMask?.paths ?? []) {
    if (path === "display_name") instance.displayName = request.instance.displayName;
    else if (path === "labels") instance.labels = request.instance.labels;
    else if (path === "node_count") resize(instance, request.instance.nodeCount * UNITS_PER_NODE);
    else if (path === "processing_units") resize(instance, request.instance.processingUnits);
  }
  const response = pack(`${PACKAGE}.Instance`, serialize(instanceMessage(instance)));
  return operations.done(
    instance.name,
    packTexts(`${PACKAGE}.UpdateInstanceMetadata`, {}),
    response,
  );
}

function resize(instance: Instance, processingUnits: number): void {
  instance.processingUnits = processingUnits;
  instance.nodeCount = Math.floor(processingUnits / UNITS_PER_NODE);
}

function instanceMessage(instance: Instance): object {
  const { name, config, displayName, nodeCount, processingUnits, labels, createdMs } = instance;
  const createTime = protoTimestamp(createdMs);
  return {
    name,
    config,
    displayName,
    nodeCount,
    processingUnits,
    labels,
    state: "READY",
    createTime,
    updateTime: createTime,
  };
}

function configMessage(name: string): object {
  return { name, displayName: name.slice(name.lastIndexOf("/") + 1), configType: "GOOGLE_MANAGED" };
}
