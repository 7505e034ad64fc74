import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { localProject } from "../../../shared/names.ts";
import { readCommandLine } from "../command-line.ts";
import { choosePorts, emulatorPorts } from "../start/choose-ports.ts";
import { startEmulators } from "../start/local-system.ts";
import { Processes } from "../start/processes.ts";
import type { Streams } from "../streams.ts";
import { envFileText } from "./env-file.ts";
import { serviceTable } from "./service-table.ts";

const USAGE = "usage: gavel emulators [--env FILE]";
const DEFAULT_ENV_FILE = ".gavel/emulators.env";

/** `gavel emulators`: the three emulators, empty, until Ctrl-C. The env file is gone when they are. */
export async function runEmulators(args: readonly string[], streams: Streams): Promise<number> {
  const options = { env: { type: "string" } } as const;
  const { values } = readCommandLine({ options, args: [...args] }, USAGE);
  const file = values.env ?? DEFAULT_ENV_FILE;
  const stopping = new AbortController();
  process.once("SIGINT", () => stopping.abort());
  process.once("SIGTERM", () => stopping.abort());
  const stopped = once(stopping.signal, "abort");
  const chosen = await choosePorts(emulatorPorts);
  const processes = new Processes();
  try {
    const { environment } = await startEmulators(processes.startLasting, chosen);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, envFileText(localProject, environment));
    for (const sentence of chosen.notes) streams.stderr.write(`${sentence}\n`);
    streams.stdout.write(`${serviceTable(environment)}\n\nNext: . ${file}\n`);
    await Promise.race([stopped, processes.broken]);
    return 0;
  } finally {
    await rm(file, { force: true });
    await processes.stop();
  }
}
