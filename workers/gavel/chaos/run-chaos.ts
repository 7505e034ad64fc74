import { UsageError } from "../../../shared/core/errors.ts";
import { systemClock } from "../../../shared/io/clock.ts";
import type { Addresses } from "../addresses.ts";
import { readCommandLine } from "../command-line.ts";
import { findAddresses } from "../running-system.ts";
import type { Streams } from "../streams.ts";
import { type ControlCall, callControl } from "./chaos-control.ts";
import { type ChaosScript, readChaosScript } from "./chaos-script.ts";

const USAGE = [
  "usage: gavel chaos                        services, kinds of fault, rules in force, and what they struck",
  "       gavel chaos add SERVICE KIND [--target NAME] [--probability 0..1] [--limit N] [--delay-ms N] [--for-ms N]",
  "       gavel chaos clear [SERVICE]        ends the rules",
  "       gavel chaos cut REGION | heal REGION",
  "       gavel chaos run SCRIPT.json        a seeded script of the above, then what it struck",
].join("\n");
const ARGUMENTS = {
  allowPositionals: true,
  options: {
    target: { type: "string" },
    probability: { type: "string" },
    limit: { type: "string" },
    "delay-ms": { type: "string" },
    "for-ms": { type: "string" },
  },
} as const;

/** `gavel chaos …`: makes the local system's emulators fail on purpose. */
export async function runChaos(
  args: readonly string[],
  streams: Streams,
  { control }: Pick<Addresses, "control"> = findAddresses(),
): Promise<number> {
  const { values, positionals } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  if (control === undefined) {
    throw new UsageError(
      "GAVEL_CONTROL is not set: start the system with `gavel start`, and export the variables that it prints",
    );
  }
  const chaos = new Chaos(control, streams);
  const [verb = "show", ...rest] = positionals;
  const [first, second] = rest;
  const wanted = `${verb} ${rest.length}`;
  if (verb !== "add" && Object.keys(values).length > 0) throw new UsageError(USAGE);
  if (wanted === "show 0") await chaos.show();
  else if (wanted === "clear 0") await chaos.clearAll();
  else if (first === undefined) throw new UsageError(USAGE);
  else if (wanted === "clear 1") await chaos.call({ method: "DELETE", path: `${first}/faults` });
  else if (wanted === "cut 1" || wanted === "heal 1")
    await chaos.call({ method: "POST", path: `pubsub/regions/${first}/${verb}` });
  else if (wanted === "run 1") await chaos.run(await readChaosScript(first));
  else if (wanted === "add 2") {
    const rule = readRule(second ?? "", values);
    await chaos.call({ method: "POST", path: `${first}/faults`, body: rule });
  } else throw new UsageError(USAGE);
  return 0;
}

type RuleOptions = { readonly [Name in keyof typeof ARGUMENTS.options]?: string | undefined };

/** A rule as the control server takes it; that server checks kind and ranges. */
function readRule(kind: string, options: RuleOptions): object {
  const forMs = numberOf("for-ms", options["for-ms"]);
  const fields = {
    kind,
    target: options.target,
    probability: numberOf("probability", options.probability),
    limit: numberOf("limit", options.limit),
    delayMs: numberOf("delay-ms", options["delay-ms"]),
    untilMs: forMs === undefined ? undefined : systemClock.nowMs() + forMs,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() !== "" && number >= 0 && Number.isFinite(number)) return number;
  throw new UsageError(`--${option} "${text}": give a number from 0 up`);
}

class Chaos {
  readonly #control: string;
  readonly #streams: Streams;

  constructor(control: string, streams: Streams) {
    this.#control = control;
    this.#streams = streams;
  }

  async call(call: ControlCall): Promise<void> {
    this.#print(await callControl(this.#control, call));
  }

  /** One service after the other, with its rules and counts. */
  async show(): Promise<void> {
    for (const service of await this.#services()) {
      const rules = await this.#get(`${service.name}/faults`);
      const struck = await this.#get(`${service.name}/faults/counts`);
      this.#print({ ...service, rules, struck });
    }
  }

  async clearAll(): Promise<void> {
    for (const { name } of await this.#services()) {
      await callControl(this.#control, { method: "DELETE", path: `${name}/faults` });
    }
  }

  async run({ seed, steps }: ChaosScript): Promise<void> {
    for (const { name } of await this.#services()) {
      const call = { method: "POST", path: `${name}/faults/seed`, body: { seed } } as const;
      await callControl(this.#control, call);
    }
    const startMs = systemClock.nowMs();
    for (const { atMs, call } of steps) {
      await systemClock.sleep(Math.max(0, startMs + atMs - systemClock.nowMs()));
      await callControl(this.#control, call);
      this.#streams.stderr.write(`${atMs} ms: ${call.method} ${call.path}\n`);
    }
    for (const { name } of await this.#services()) {
      this.#print({ service: name, struck: await this.#get(`${name}/faults/counts`) });
    }
  }

  async #services(): Promise<readonly { readonly name: string }[]> {
    // The control server's own form: emulator/control/control-server.ts.
    return (await this.#get("")) as { name: string }[];
  }

  async #get(path: string): Promise<unknown> {
    return await callControl(this.#control, { method: "GET", path });
  }

  #print(answer: unknown): void {
    this.#streams.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  }
}
