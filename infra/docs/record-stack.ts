import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runtime } from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import { setMockOptions } from "@pulumi/pulumi/runtime/settings.js";

import { readStackConfig, type StackConfig } from "../config.ts";
import type { StackSettings } from "../settings.ts";

/** One resource as the program declares it, every output resolved. */
export interface RecordedResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly isProtected: boolean;
  /** URN of the component that it is part of. */
  readonly parent: string;
  /** URNs of what it waits for. */
  readonly dependencies: readonly string[];
}

/** The settings in a stack's file, as entries with the names that stand there and as the program reads them. */
export function readStackFile(stack: string): {
  project: string;
  settings: StackSettings;
  entries: ReadonlyMap<string, string>;
} {
  const text = readFileSync(join(import.meta.dirname, `../Pulumi.${stack}.yaml`), "utf8");
  const entries = new Map(
    [...text.matchAll(/^ {2}(\w+:\w+): (.+)$/gm)].map(([, key = "", value = ""]) => [
      key,
      value.replace(/^"(.*)"$/, "$1"),
    ]),
  );
  return {
    project: entries.get("gcp:project") ?? "",
    settings: { get: (name) => entries.get(`gavel:${name}`) },
    entries,
  };
}

/** The stack that a file of this folder describes. */
export function readStack(stack: "dev" | "prod"): StackConfig {
  const { project, settings } = readStackFile(stack);
  return readStackConfig(project, settings);
}

/**
 * Runs the program for a stack against a monitor that makes nothing, and gives all that it declares.
 * Outputs that Google would choose (addresses, numbers) are made up from the inputs.
 */
export async function recordStack(config: StackConfig): Promise<readonly RecordedResource[]> {
  const recorder = new RecordingMonitor();
  setMockOptions(recorder, "gavel", "recorded");
  const { declareGavel } = await import("../program.ts");
  await declareGavel(config);
  await runtime.disconnect();
  return recorder.recorded;
}

class RecordingMonitor extends MockMonitor {
  readonly recorded: RecordedResource[] = [];

  constructor() {
    super({
      newResource: ({ name, type, inputs }) => ({
        id: `${name}-id`,
        state: { name, ...inputs, ...chosenByGoogle(type, inputs) },
      }),
      call: ({ inputs }) => ({
        ...inputs,
        email: "bq-0@bigquery-encryption.iam.gserviceaccount.com",
        number: "0",
      }),
    });
  }

  override async registerResource(
    request: RegisterResourceRequest,
    callback: Parameters<MockMonitor["registerResource"]>[1],
  ): Promise<void> {
    await super.registerResource(request, (error, response) => {
      if (error === null) this.recorded.push(recordOf(request, response.getUrn()));
      callback(error, response);
    });
  }
}

function recordOf(request: RegisterResourceRequest, urn: string): RecordedResource {
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    inputs: inputsOf(request),
    isProtected: request.getProtect() === true,
    parent: request.getParent(),
    dependencies: request.getDependenciesList(),
  };
}

function inputsOf(request: RegisterResourceRequest): Record<string, unknown> {
  const properties = request.getObject();
  return properties === undefined ? {} : runtime.deserializeProperties(properties);
}

function chosenByGoogle(type: string, inputs: Record<string, unknown>): Record<string, string> {
  switch (type) {
    case "gcp:serviceaccount/account:Account":
      return { email: `${inputs["accountId"]}@${inputs["project"]}.iam.gserviceaccount.com` };
    case "gcp:projects/serviceIdentity:ServiceIdentity":
      return { member: `serviceAccount:service-0@${inputs["service"]}` };
    case "gcp:projects/iAMCustomRole:IAMCustomRole":
      return { name: `projects/${inputs["project"]}/roles/${inputs["roleId"]}` };
    case "gcp:datacatalog/policyTag:PolicyTag":
      return { name: `policyTags/${inputs["displayName"]}` };
    case "gcp:cloudrunv2/service:Service":
      return { uri: `https://${inputs["name"]}.run.app` };
    default:
      return {};
  }
}
