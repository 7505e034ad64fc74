import { WorkerPool as CloudRunPool } from "@pulumi/gcp/cloudrunv2/index.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import { cloudRegions, type RegionName } from "../../shared/names.ts";
import type { InstanceRange } from "../cloud-config.ts";
import type { Variables } from "../program-settings.ts";
import { entryOf, type ProgramName, programs, runNameOf } from "../workers.ts";

export interface RunArgs {
  readonly program: ProgramName;
  readonly region: RegionName;
  readonly project: string;
  readonly image: string;
  readonly instances: InstanceRange;
  readonly variables: Variables;
  readonly account: Input<string>;
  readonly encryptionKey: { readonly kmsKeyName?: Input<string> };
  readonly deletionProtection: boolean;
  /** What it reads and writes, and its rights on it. */
  readonly after: readonly Resource[];
}

/** A pull worker in one region: instances that nobody calls, each one process on one core. */
export class WorkerPool extends ComponentResource {
  readonly pool: CloudRunPool;
  readonly name: Output<string>;

  constructor(name: string, args: RunArgs, options: ComponentResourceOptions = {}) {
    super("rtb:run:WorkerPool", name, {}, options);
    this.pool = new CloudRunPool(
      name,
      {
        project: args.project,
        name: runNameOf(args.program, args.region),
        location: cloudRegions[args.region],
        description: programs[args.program].does,
        deletionProtection: args.deletionProtection,
        scaling: scalingOf(args.instances),
        template: {
          serviceAccount: args.account,
          containers: [containerOf(args)],
          ...encryptionOf(args),
        },
      },
      { parent: this, dependsOn: [...args.after] },
    );
    this.name = this.pool.name;
    this.registerOutputs();
  }
}

/** A fixed number is set by hand, as 0 has to be; a range follows the CPU. */
function scalingOf({ min, max }: InstanceRange) {
  return min === max
    ? { scalingMode: "MANUAL", manualInstanceCount: min }
    : { scalingMode: "AUTOMATIC", minInstanceCount: min, maxInstanceCount: max };
}

/** The container of a program: which of the image's programs, how set, and how much of a machine. */
export function containerOf({ program, image, variables }: RunArgs) {
  return {
    image,
    args: [entryOf(program)],
    envs: Object.entries(variables).map(([name, value]) => ({ name, value })),
    resources: { limits: { cpu: "1", memory: programs[program].memory } },
  };
}

export function encryptionOf({ encryptionKey: { kmsKeyName } }: RunArgs) {
  return kmsKeyName === undefined ? {} : { encryptionKey: kmsKeyName };
}
