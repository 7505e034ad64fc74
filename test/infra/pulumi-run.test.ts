import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { env } from "node:process";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { type LogRequest, SetRootResourceResponse } from "@pulumi/pulumi/proto/engine_pb.js";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import {
  type RegisterResourceOutputsRequest,
  type RegisterResourceRequest,
  RegisterResourceResponse,
  type ResourceInvokeRequest,
  ResourceInvokeResponse,
  type SupportsFeatureRequest,
  SupportsFeatureResponse,
} from "@pulumi/pulumi/proto/resource_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import { readStackFile } from "../../infra/docs/record-stack.ts";

const root = join(import.meta.dirname, "../..");
const registered: string[] = [];
const logged: string[] = [];
let outputs: { [key: string]: JavaScriptValue } = {};

/** One unary method: what it answers to a request. */
function unary<Request, Response>(answer: (request: Request) => Response) {
  return (call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>): void =>
    reply(null, answer(call.request));
}

/** The engine's side of a deployment that makes whatever it is asked to. */
function startEngine(): Server {
  const server = new Server();
  server.addService(ResourceMonitorService, {
    supportsFeature: unary((request: SupportsFeatureRequest) => {
      const response = new SupportsFeatureResponse();
      response.setHassupport(request.getId() !== "transforms");
      return response;
    }),
    registerResource: unary((request: RegisterResourceRequest) => {
      registered.push(request.getType());
      const response = new RegisterResourceResponse();
      response.setUrn(`urn:pulumi:prod::gavel::${request.getType()}::${request.getName()}`);
      if (request.getCustom() === true) response.setId(`${request.getName()}-id`);
      response.setObject(request.getObject());
      return response;
    }),
    registerResourceOutputs: unary((request: RegisterResourceOutputsRequest) => {
      if (request.getUrn().includes("pulumi:pulumi:Stack")) {
        outputs = request.getOutputs()?.toJavaScript() ?? {};
      }
      return new Empty();
    }),
    invoke: unary((request: ResourceInvokeRequest) => {
      const response = new ResourceInvokeResponse();
      response.setReturn(request.getArgs());
      return response;
    }),
    signalAndWaitForShutdown: unary(() => new Empty()),
  });
  server.addService(EngineService, {
    setRootResource: unary(() => new SetRootResourceResponse()),
    log: unary((request: LogRequest) => {
      if (request.getSeverity() > 1) logged.push(request.getMessage());
      return new Empty();
    }),
  });
  return server;
}

test("Pulumi's own runner runs the program on a stack's file, without a warning, to its outputs", async () => {
  const server = startEngine();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const address = `127.0.0.1:${port}`;
  const names = ["--project", "gavel", "--stack", "prod", "--pwd", join(root, "infra")];
  const program = spawn(
    process.execPath,
    [
      "--no-warnings",
      join(root, "node_modules/@pulumi/pulumi/cmd/run"),
      ...["--monitor", address, "--engine", address, ...names, "index.ts"],
    ],
    {
      stdio: "inherit",
      env: {
        ...env,
        PULUMI_NODEJS_TYPESCRIPT: "false",
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(readStackFile("prod").entries)),
      },
    },
  );
  const [code] = await once(program, "exit");
  server.forceShutdown();
  expect([code, logged]).toEqual([0, []]);
  expect(registered.length).toBeGreaterThan(200);
  expect(registered.filter((type) => type === "gcp:cloudrunv2/workerPool:WorkerPool")).toHaveLength(
    9,
  );
  expect(outputs["gavel"]).toMatchObject({
    images: "us-central1-docker.pkg.dev/my-gavel-prod/gavel",
  });
}, 60_000);
