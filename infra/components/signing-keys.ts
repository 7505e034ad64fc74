import { Secret } from "@pulumi/gcp/secretmanager/index.js";
import { ComponentResource, type ComponentResourceOptions, type Resource } from "@pulumi/pulumi";
import { cloudRegions, ingestKeysSecret } from "../../shared/names.ts";
import { keyOf } from "../access/grant.ts";
import type { StackConfig } from "../config.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";

export interface SigningKeysArgs
  extends Pick<StackConfig, "project" | "regions" | "deletionProtection"> {
  readonly keys: EncryptionKeys;
  readonly after: readonly Resource[];
}

/**
 * The secret that holds the keys by which sources sign. Only the place: its versions are added by hand
 * (`gcloud secrets versions add`), so that no key is ever in a stack's state.
 */
export class SigningKeys extends ComponentResource {
  /** The secret by `keyOf`. */
  readonly resources: ReadonlyMap<string, Secret>;

  constructor(name: string, args: SigningKeysArgs, options: ComponentResourceOptions = {}) {
    super("rtb:ingest:SigningKeys", name, {}, options);
    const replicas = args.regions.map((region) => {
      const location = cloudRegions[region];
      const { kmsKeyName } = args.keys.in(location);
      return kmsKeyName === undefined
        ? { location }
        : { location, customerManagedEncryption: { kmsKeyName } };
    });
    const secret = new Secret(
      ingestKeysSecret,
      {
        project: args.project,
        secretId: ingestKeysSecret,
        replication: { userManaged: { replicas } },
        deletionProtection: args.deletionProtection,
      },
      { parent: this, protect: args.deletionProtection, dependsOn: [...args.after] },
    );
    this.resources = new Map([[keyOf({ kind: "secret", name: ingestKeysSecret }), secret]]);
    this.registerOutputs();
  }
}
