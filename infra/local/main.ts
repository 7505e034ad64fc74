import { env, exit, stderr } from "node:process";
import { localProject } from "../../shared/names.ts";
import { provisionEmulators } from "./provision.ts";

try {
  await provisionEmulators({
    project: env["GOOGLE_CLOUD_PROJECT"] ?? localProject,
    pubsub: env["PUBSUB_EMULATOR_HOST"] ?? "127.0.0.1:8085",
    spanner: env["SPANNER_EMULATOR_HOST"] ?? "127.0.0.1:9010",
    bigqueryRest: env["BIGQUERY_EMULATOR_REST"] ?? "http://127.0.0.1:9050",
    isGooglesPubsub: env["GAVEL_EMULATORS"] === "google",
  });
  exit(0);
} catch (error) {
  stderr.write(`provisioning: ${error instanceof Error ? error.message : String(error)}\n`);
  exit(1);
}
