import { Child } from "../../../workers/gavel/start/children.ts";

/** The emulators as a process of their own, provisioned, on free ports. */
export async function startEmulators(): Promise<{
  readonly emulators: Child;
  readonly environment: Readonly<Record<string, string>>;
}> {
  let ready: (environment: Record<string, string>) => void = () => undefined;
  const serving = new Promise<Record<string, string>>((resolve) => {
    ready = resolve;
  });
  const emulators = new Child(
    { name: "bench-emulators", entry: "emulator/main.ts", variables: { GAVEL_FREE_PORTS: "1" } },
    (message) => ready((message as { environment: Record<string, string> }).environment),
  );
  const environment = await serving;
  const provisioning = new Child({
    name: "bench-provisioning",
    entry: "infra/local/main.ts",
    variables: environment,
  });
  if ((await provisioning.ended) !== 0) throw new Error(`see ${provisioning.logFile}`);
  return { emulators, environment };
}
