import { getDefaultServiceAccountOutput } from "@pulumi/gcp/bigquery/index.js";
import { Service, ServiceIdentity } from "@pulumi/gcp/projects/index.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  interpolate,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import { type AgentName, agentServices } from "../access/grant.ts";

/** What the program calls besides the services that have an agent. */
const otherServices = [
  "bigquery.googleapis.com",
  "bigqueryconnection.googleapis.com",
  "bigquerydatatransfer.googleapis.com",
  "bigquerystorage.googleapis.com",
  "billingbudgets.googleapis.com",
  "cloudkms.googleapis.com",
  "cloudresourcemanager.googleapis.com",
  "datacatalog.googleapis.com",
  "iam.googleapis.com",
  "logging.googleapis.com",
  "monitoring.googleapis.com",
];

/** Turns on the services, and makes the accounts by which they act, so that rights can be given to them. */
export class ProjectServices extends ComponentResource {
  readonly enabled: readonly Resource[];
  /** The agents as IAM members. */
  readonly agents: Readonly<Record<AgentName, Output<string>>>;

  constructor(name: string, project: string, options: ComponentResourceOptions = {}) {
    super("rtb:project:ProjectServices", name, {}, options);
    const parent = { parent: this };
    const enabled = new Map(
      [...otherServices, ...Object.values(agentServices)].map((service) => {
        // Another program of the project may use the service too: it stays on when this stack goes.
        const inputs = { project, service, disableOnDestroy: false };
        return [service, new Service(service, inputs, parent)];
      }),
    );
    this.enabled = [...enabled.values()];
    const dependsOn = [...this.enabled];
    const agentOf = (service: string): Output<string> =>
      new ServiceIdentity(`agent-${service}`, { project, service }, { ...parent, dependsOn })
        .member;
    const bigquery = getDefaultServiceAccountOutput({ project }, { ...parent, dependsOn });
    this.agents = {
      pubsub: agentOf(agentServices.pubsub),
      spanner: agentOf(agentServices.spanner),
      run: agentOf(agentServices.run),
      secretmanager: agentOf(agentServices.secretmanager),
      artifactregistry: agentOf(agentServices.artifactregistry),
      iap: agentOf(agentServices.iap),
      bigquery: interpolate`serviceAccount:${bigquery.email}`,
    };
    this.registerOutputs();
  }
}
