import { Repository } from "@pulumi/gcp/artifactregistry/index.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  interpolate,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import type { EncryptionKeys } from "./encryption-keys.ts";

export interface ImageRepositoryArgs {
  readonly project: string;
  readonly location: string;
  readonly keys: EncryptionKeys;
  readonly after: readonly Resource[];
}

/** Where the one image lies. A tag in it never moves to another image. */
export class ImageRepository extends ComponentResource {
  /** `REGION-docker.pkg.dev/PROJECT/gavel`, which images are pushed under. */
  readonly path: Output<string>;

  constructor(name: string, args: ImageRepositoryArgs, options: ComponentResourceOptions = {}) {
    super("rtb:run:ImageRepository", name, {}, options);
    const repository = new Repository(
      "images",
      {
        project: args.project,
        location: args.location,
        repositoryId: "gavel",
        format: "DOCKER",
        dockerConfig: { immutableTags: true },
        ...args.keys.in(args.location),
      },
      { parent: this, dependsOn: [...args.after] },
    );
    this.path = interpolate`${args.location}-docker.pkg.dev/${args.project}/${repository.repositoryId}`;
    this.registerOutputs();
  }
}
