import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { env } from "node:process";
import { credentials } from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import {
  AnalyzeRequest,
  type AnalyzeResponse,
  AnalyzerResourceOptions,
} from "@pulumi/pulumi/proto/analyzer_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { readStackFile } from "../../infra/docs/record-stack.ts";

const root = join(import.meta.dirname, "../..");
let pack: ChildProcess;
let client: AnalyzerClient | undefined;

beforeAll(async () => {
  const { entries } = readStackFile("prod");
  const loader = join(root, "node_modules/@pulumi/pulumi/cmd/run-policy-pack");
  pack = spawn(process.execPath, ["--no-warnings", loader, "127.0.0.1:1", "."], {
    cwd: join(root, "infra/policy/pack"),
    stdio: ["ignore", "pipe", "inherit"],
    // What Pulumi's command line gives a pack of the stack that it checks.
    env: {
      ...env,
      PULUMI_NODEJS_PROJECT: "gavel",
      PULUMI_NODEJS_STACK: "prod",
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(entries)),
    },
  });
  if (pack.stdout === null) throw new Error("the pack has no output");
  const ended = once(pack, "exit").then(([code]) => {
    throw new Error(`the pack ended with ${code}`);
  });
  const [port] = await Promise.race([once(pack.stdout, "data"), ended]);
  client = new AnalyzerClient(`127.0.0.1:${String(port).trim()}`, credentials.createInsecure());
}, 60_000);

afterAll(() => {
  client?.close();
  pack.kill();
});

/** What the pack says of one resource, asked as the command line asks. */
async function analyze(type: string, properties: Record<string, string>): Promise<string[]> {
  const request = new AnalyzeRequest();
  request.setType(type);
  request.setName("planted");
  request.setUrn(`urn:pulumi:prod::gavel::${type}::planted`);
  request.setProperties(Struct.fromJavaScript(properties));
  request.setOptions(new AnalyzerResourceOptions());
  const response = await new Promise<AnalyzeResponse>((resolve, reject) => {
    client?.analyze(request, (error, answer) => (error === null ? resolve(answer) : reject(error)));
  });
  return response.getDiagnosticsList().map((each) => each.getPolicyname());
}

test("the pack that Pulumi loads refuses what the rules refuse, and nothing that is allowed", async () => {
  const type = "gcp:pubsub/topicIAMMember:TopicIAMMember";
  const grant = {
    member: "serviceAccount:gavel-ingest@my-gavel-prod.iam.gserviceaccount.com",
    role: "roles/pubsub.publisher",
    topic: "auction-events",
  };
  expect(await analyze(type, grant)).toEqual([]);
  expect(await analyze(type, { ...grant, topic: "bot-flags" })).toEqual(["least-privilege"]);
  expect(await analyze(type, { ...grant, member: "allUsers" })).toEqual(["no-public-access"]);
});
