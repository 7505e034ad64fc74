/** An emulator in a process of its own: what its program and the one that starts it do for each other. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { argv, exit, stdout } from "node:process";
import { type ControlledService, startControlServer } from "./control/control-server.ts";

/** What an emulator tells whoever started it, in its first and only message. */
export interface Announcement {
  /** The ports that it serves on, in the order in which they were asked for. */
  readonly ports: readonly number[];
  /** Port of the control calls of its service. */
  readonly controlPort: number;
}

/** The ports that this program was asked to serve on; 0 takes a free one. */
export function wantedPorts(): number[] {
  return argv.slice(2).map(Number);
}

/** In the emulator's program: serves its control calls, says so, and ends when its parent goes. */
export async function announce(
  service: ControlledService,
  ports: readonly number[],
): Promise<void> {
  const control = await startControlServer({ port: 0, services: [service] });
  process.on("disconnect", () => exit(0));
  process.send?.({ ports, controlPort: control.port } satisfies Announcement);
}

/** Starts the emulator of a folder; where it ends, this program ends too. */
export async function startOwnProcess(
  folder: "bigquery" | "spanner",
  ports: readonly number[],
): Promise<Announcement> {
  const child = fork(join(import.meta.dirname, folder, "main.ts"), ports.map(String));
  child.once("exit", (code, signal) => {
    stdout.write(`the emulator of ${folder} ended with ${code ?? signal}\n`);
    exit(1);
  });
  const [announcement] = await once(child, "message");
  return announcement as Announcement;
}
