import {
  ConnectionIamMember,
  DatasetIamMember,
  IamMember as TableIamMember,
} from "@pulumi/gcp/bigquery/index.js";
import { ServiceIamMember } from "@pulumi/gcp/cloudrunv2/index.js";
import { PolicyTag, PolicyTagIamMember } from "@pulumi/gcp/datacatalog/index.js";
import { WebCloudRunServiceIamMember } from "@pulumi/gcp/iap/index.js";
import { IAMMember as ProjectIamMember } from "@pulumi/gcp/projects/index.js";
import { SubscriptionIAMMember, TopicIAMMember } from "@pulumi/gcp/pubsub/index.js";
import { SecretIamMember } from "@pulumi/gcp/secretmanager/index.js";
import { IAMMember as AccountIamMember } from "@pulumi/gcp/serviceaccount/index.js";
import { DatabaseIAMMember } from "@pulumi/gcp/spanner/index.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type CustomResourceOptions,
  type Input,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import { cloudRegions, dataset } from "../../shared/names.ts";
import { type Grant, keyOf, nameOf, type Principal, type ResourceRef } from "../access/grant.ts";

export interface AccessGrantsArgs {
  readonly project: string;
  readonly grants: readonly Grant[];
  /** IAM members that a principal stands for. */
  readonly membersOf: (who: Principal) => readonly Input<string>[];
  /** Full names of our own roles by their ids. */
  readonly roles: ReadonlyMap<string, Output<string>>;
  /** What is granted on, by `keyOf`; a grant waits for it. */
  readonly declared: ReadonlyMap<string, Resource>;
}

/** Grants rows of the access table, each on its one resource, none on the project that can be narrower. */
export class AccessGrants extends ComponentResource {
  /** The grants of each principal by `nameOf`: what runs as it waits for them. */
  readonly byPrincipal: ReadonlyMap<string, readonly Resource[]>;

  constructor(name: string, args: AccessGrantsArgs, options: ComponentResourceOptions = {}) {
    super("rtb:access:AccessGrants", name, {}, options);
    const byPrincipal = new Map<string, Resource[]>();
    for (const { who, role, on } of args.grants) {
      const target = args.declared.get(keyOf(on));
      if (target === undefined && on.kind !== "project") {
        throw new RangeError(`${nameOf(who)} is granted ${role} on ${keyOf(on)}, which is nowhere`);
      }
      const dependsOn = target === undefined ? [] : [target];
      args.membersOf(who).forEach((member, index) => {
        const suffix = index === 0 ? "" : `-${index + 1}`;
        const label = `${nameOf(who)} ${role.replace(/^roles\//, "")} ${keyOf(on)}${suffix}`;
        const inputs = { member, role: args.roles.get(role) ?? role };
        const options = { parent: this, dependsOn };
        const place = { project: args.project, target, options };
        const granted = grantOn(label.replaceAll(" ", "-"), on, inputs, place);
        byPrincipal.set(nameOf(who), [...(byPrincipal.get(nameOf(who)) ?? []), granted]);
      });
    }
    this.byPrincipal = byPrincipal;
    this.registerOutputs();
  }
}

interface MemberInputs {
  readonly member: Input<string>;
  readonly role: Input<string>;
}

interface Place {
  readonly project: string;
  readonly target: Resource | undefined;
  readonly options: CustomResourceOptions;
}

/** Makes the grant in the words of the resource's service. */
function grantOn(
  name: string,
  on: ResourceRef,
  inputs: MemberInputs,
  { project, target, options }: Place,
): Resource {
  const args = { ...inputs, project };
  switch (on.kind) {
    case "project":
      return new ProjectIamMember(name, args, options);
    case "topic":
      return new TopicIAMMember(name, { ...args, topic: on.name }, options);
    case "subscription":
      return new SubscriptionIAMMember(name, { ...args, subscription: on.name }, options);
    case "database":
      return new DatabaseIAMMember(
        name,
        { ...args, instance: on.instance, database: on.name },
        options,
      );
    case "dataset":
      return new DatasetIamMember(name, { ...args, datasetId: dataset.name }, options);
    case "table":
      return new TableIamMember(
        name,
        { ...args, datasetId: dataset.name, tableId: on.name },
        options,
      );
    case "connection":
      return new ConnectionIamMember(
        name,
        { ...args, location: dataset.location, connectionId: on.name },
        options,
      );
    case "policyTag":
      if (!(target instanceof PolicyTag)) throw new RangeError(`${name}: there is no such tag`);
      return new PolicyTagIamMember(name, { ...inputs, policyTag: target.name }, options);
    case "secret":
      return new SecretIamMember(name, { ...args, secretId: on.name }, options);
    case "account":
      return new AccountIamMember(
        name,
        { ...inputs, serviceAccountId: accountPath(on.name, project) },
        options,
      );
    case "invoke":
      return new ServiceIamMember(
        name,
        { ...args, name: on.name, location: cloudRegions[on.region] },
        options,
      );
    case "web":
      return new WebCloudRunServiceIamMember(
        name,
        { ...args, cloudRunServiceName: on.name, location: cloudRegions[on.region] },
        options,
      );
    case "key":
      throw new RangeError(`${name}: keys are granted where they are made`);
  }
}

function accountPath(accountId: string, project: string): string {
  return `projects/${project}/serviceAccounts/${accountId}@${project}.iam.gserviceaccount.com`;
}
