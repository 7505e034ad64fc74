import { Service } from "@pulumi/gcp/cloudrunv2/index.js";
import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import { cloudRegions, ingestKeysSecret } from "../../shared/names.ts";
import { programs, runNameOf } from "../workers.ts";
import { containerOf, encryptionOf, type RunArgs } from "./worker-pool.ts";

const PORT = 8080;
const KEYS_FOLDER = "/keys";
const KEYS_FILE = "sources.json";

/** A program that is called over HTTP: ingest by machines that IAM lets in, the console through IAP. */
export class WebService extends ComponentResource {
  readonly service: Service;
  readonly url: Output<string>;

  constructor(name: string, args: RunArgs, options: ComponentResourceOptions = {}) {
    super("rtb:run:WebService", name, {}, options);
    const { min, max } = args.instances;
    const isIngest = args.program === "ingest";
    this.service = new Service(
      name,
      {
        project: args.project,
        name: runNameOf(args.program, args.region),
        location: cloudRegions[args.region],
        description: programs[args.program].does,
        deletionProtection: args.deletionProtection,
        ingress: "INGRESS_TRAFFIC_ALL",
        iapEnabled: !isIngest,
        template: {
          serviceAccount: args.account,
          scaling: { minInstanceCount: min, maxInstanceCount: max },
          containers: [serviceContainer(args, isIngest)],
          ...(isIngest ? { volumes: [keysVolume()] } : {}),
          ...encryptionOf(args),
        },
      },
      { parent: this, dependsOn: [...args.after] },
    );
    this.url = this.service.uri;
    this.registerOutputs();
  }
}

function serviceContainer(args: RunArgs, isIngest: boolean) {
  const container = {
    ...containerOf(args),
    ports: { containerPort: PORT },
    startupProbe: { tcpSocket: { port: PORT }, periodSeconds: 2, failureThreshold: 30 },
  };
  if (!isIngest) return container;
  const file = { name: "GAVEL_INGEST_KEYS_FILE", value: `${KEYS_FOLDER}/${KEYS_FILE}` };
  return {
    ...container,
    envs: [...container.envs, file],
    volumeMounts: [{ name: "keys", mountPath: KEYS_FOLDER }],
  };
}

function keysVolume() {
  const items = [{ path: KEYS_FILE, version: "latest" }];
  return { name: "keys", secret: { secret: ingestKeysSecret, items } };
}
