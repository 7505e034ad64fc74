import { FAULT_KINDS } from "../../../emulator/pubsub/fault-kinds.ts";
import { EmulatorWorld } from "./emulator-world.ts";
import { FAULT_CASES } from "./fault-cases.ts";

let emulator: EmulatorWorld;

beforeAll(async () => {
  emulator = await EmulatorWorld.start();
});

afterAll(async () => {
  await emulator.close();
});

/** Most wait for time to pass, so all run at once. */
const outcomes = new Map<string, Promise<void>>();

test.each(FAULT_KINDS.map((kind) => [kind, FAULT_CASES[kind].shows] as const))(
  "%s: %s, and it is counted",
  async (kind) => {
    for (const each of FAULT_KINDS) {
      const outcome = outcomes.get(each) ?? FAULT_CASES[each].run(emulator);
      outcome.catch(() => undefined);
      outcomes.set(each, outcome);
    }
    await outcomes.get(kind);
    const counts = Object.entries(Object(await emulator.control("GET", "faults/counts")));
    const struck = counts.filter(([name]) => name.startsWith(`${kind} `));
    expect(struck.length).toBe(1);
  },
  40_000,
);

test("a rule of an unknown kind, field or chance is refused with what there is", async () => {
  await expect(emulator.control("POST", "faults", { kind: "earthquake" })).rejects.toThrow(
    /one of publishErrorBefore/,
  );
  await expect(emulator.control("POST", "faults", { kind: "duplicate", odds: 1 })).rejects.toThrow(
    /not a field/,
  );
  await expect(
    emulator.control("POST", "faults", { kind: "duplicate", probability: 2 }),
  ).rejects.toThrow(/from 0 to 1/);
});
