import {
  type ControlServer,
  startControlServer,
} from "../../../emulator/control/control-server.ts";
import {
  type PubsubEmulator,
  type Region,
  startPubsubEmulator,
} from "../../../emulator/pubsub/server.ts";
import { PubsubWorld } from "./pubsub-world.ts";

/** Our emulator with its control server, each region's endpoint seen through the official clients. */
export class EmulatorWorld {
  readonly regions: Readonly<Record<Region, PubsubWorld>>;
  readonly controlAddress: string;
  readonly #emulator: PubsubEmulator;
  readonly #control: ControlServer;

  private constructor(emulator: PubsubEmulator, control: ControlServer) {
    this.#emulator = emulator;
    this.#control = control;
    this.controlAddress = `http://127.0.0.1:${control.port}`;
    const { us, eu, apac } = emulator.ports;
    this.regions = {
      us: new PubsubWorld(us),
      eu: new PubsubWorld(eu),
      apac: new PubsubWorld(apac),
    };
  }

  static async start(): Promise<EmulatorWorld> {
    const emulator = await startPubsubEmulator();
    const control = await startControlServer({ port: 0, services: [emulator.control] });
    return new EmulatorWorld(emulator, control);
  }

  /** Calls the control server; `path` is what follows `/pubsub/`. */
  async control(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.controlAddress}/pubsub/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(answer));
    return answer;
  }

  /** How often a kind of fault struck a topic, a subscription, or a region. */
  async countOf(kind: string, target: string): Promise<number> {
    const counts = new Map(Object.entries(Object(await this.control("GET", "faults/counts"))));
    return Number(counts.get(`${kind} ${target}`) ?? 0);
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.regions).map((world) => world.close()));
    this.#emulator.close();
    await this.#control.close();
  }
}
