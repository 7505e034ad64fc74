import { type PubsubEmulator, startPubsubEmulator } from "../../../emulator/pubsub/server.ts";
import { DELIVERY_CASES } from "./delivery-cases.ts";
import { EXACTLY_ONCE_CASES } from "./exactly-once-cases.ts";
import { PubsubWorld } from "./pubsub-world.ts";
import { RESOURCE_CASES } from "./resource-cases.ts";

let emulator: PubsubEmulator;
let world: PubsubWorld;

beforeAll(async () => {
  emulator = await startPubsubEmulator();
  world = new PubsubWorld(emulator.ports.default);
});

afterAll(async () => {
  await world.close();
  emulator.close();
});

/** Most cases wait for time to pass, so all run at once. */
const CASES = [...DELIVERY_CASES, ...EXACTLY_ONCE_CASES, ...RESOURCE_CASES];
const outcomes = new Map<string, Promise<void>>();

test.each(CASES)(
  "$name: $promise",
  async ({ name }) => {
    for (const each of CASES) {
      if (!outcomes.has(each.name)) outcomes.set(each.name, settled(each.run(world)));
    }
    await outcomes.get(name);
  },
  40_000,
);

/** Keeps a rejection that its own test awaits later from counting as unhandled. */
function settled(outcome: Promise<void>): Promise<void> {
  outcome.catch(() => undefined);
  return outcome;
}
