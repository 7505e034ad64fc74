/**
 * Google's own client against each emulator. Both get the same load in the same processes: rounds of
 * 20,000 messages for each client process, published and then consumed, ours and Google's in turn, after
 * rounds that do not count while V8 and the Java VM compile. Each figure is the median of its rounds. What
 * one client thread could consume if the emulator took no time is `clientBoundPerSecond`, from its CPU time.
 */
import { printFigures } from "./print-figures.ts";
import { type EmulatorProcess, startGoogles, startOurs } from "./pubsub-emulator-process.ts";
import { MODES, type Mode, OfficialClients, type Round } from "./pubsub-official-load.ts";

const WARM_UP: Mode = { name: "warm-up", ordered: false, exactlyOnce: false };
const WARM_UP_ROUNDS = 5;
/** Of each mode; the first does not count. */
const ROUNDS = 4;

/** One emulator and the clients connected to it. */
interface Contender {
  readonly emulator: EmulatorProcess;
  readonly clients: OfficialClients;
}

interface Figures {
  readonly publishedPerSecond: number;
  readonly consumedPerSecond: number;
  readonly clientBoundPerSecond: number;
  readonly perEmulatorCpuSecond: number;
  /** Of all counted rounds together. */
  readonly failedAcks: number;
}

/** Ours beside Google's; the ratio is NaN where Google's is not installed. */
export interface Comparison {
  readonly consumedRatio: number;
  readonly failedAcks: number;
}

/** All modes with one client process, then those without exactly-once with two. */
export async function compareOfficial(): Promise<Map<string, Comparison>> {
  const emulators = [await startOurs(), await startGoogles()].filter((each) => each !== undefined);
  const single = await compareModes(emulators, 1, MODES);
  const modes = MODES.filter(({ exactlyOnce }) => !exactlyOnce);
  const double = await compareModes(emulators, 2, modes);
  for (const emulator of emulators) emulator.stop();
  return new Map([...single, ...double]);
}

async function compareModes(
  emulators: readonly EmulatorProcess[],
  processes: number,
  modes: readonly Mode[],
): Promise<Map<string, Comparison>> {
  const contenders = await Promise.all(emulators.map((each) => contenderOf(each, processes)));
  await measure(contenders, WARM_UP, WARM_UP_ROUNDS);
  const comparisons = new Map<string, Comparison>();
  for (const mode of modes) {
    const name = processes > 1 ? `${mode.name}, ${processes} client processes` : mode.name;
    const measured = await measure(contenders, mode, ROUNDS);
    for (const [{ emulator, clients }, figures] of measured) {
      await report(`official client, ${name}, ${emulator.name}`, figures, clients, mode);
    }
    comparisons.set(name, compare(name, [...measured.values()]));
  }
  for (const { clients } of contenders) clients.stop();
  return comparisons;
}

async function contenderOf(emulator: EmulatorProcess, processes: number): Promise<Contender> {
  return { emulator, clients: await OfficialClients.start(emulator, processes) };
}

/** So many rounds of each, in turn, so that what else the machine does strikes both. */
async function measure(
  contenders: readonly Contender[],
  mode: Mode,
  rounds: number,
): Promise<Map<Contender, Figures>> {
  const done = new Map<Contender, Round[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [{ clients }, own] of done) own.push(await clients.round(mode));
  }
  return new Map([...done].map(([contender, own]) => [contender, figuresOf(own.slice(1))]));
}

function figuresOf(rounds: readonly Round[]): Figures {
  const median = (figureOf: (round: Round) => number) => {
    const sorted = rounds.map(figureOf).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  return {
    publishedPerSecond: median(({ publishedPerSecond }) => publishedPerSecond),
    consumedPerSecond: median(({ consumedPerSecond }) => consumedPerSecond),
    clientBoundPerSecond: median(({ messages, clientCpuSeconds }) => messages / clientCpuSeconds),
    perEmulatorCpuSecond: median(
      ({ messages, emulatorCpuSeconds }) => messages / emulatorCpuSeconds,
    ),
    failedAcks: rounds.reduce((sum, { failedAcks }) => sum + failedAcks, 0),
  };
}

async function report(
  what: string,
  figures: Figures,
  clients: OfficialClients,
  mode: Mode,
): Promise<void> {
  const latenciesMs = await clients.latencies(mode);
  const quantile = (share: number) =>
    (latenciesMs[Math.floor(latenciesMs.length * share)] ?? Number.NaN).toFixed(1);
  const whole = Object.entries(figures).map(([name, value]) => [name, Math.round(value)]);
  printFigures(what, { ...Object.fromEntries(whole), p50Ms: quantile(0.5), p99Ms: quantile(0.99) });
}

function compare(name: string, [ours, googles]: readonly Figures[]): Comparison {
  const ratioOf = (figure: keyof Figures) =>
    (ours?.[figure] ?? 0) / (googles?.[figure] ?? Number.NaN);
  const consumedRatio = ratioOf("consumedPerSecond");
  printFigures(`ours to Google's, ${name}`, {
    consumedPerSecond: consumedRatio.toFixed(1),
    perEmulatorCpuSecond: ratioOf("perEmulatorCpuSecond").toFixed(1),
  });
  return { consumedRatio, failedAcks: ours?.failedAcks ?? 0 };
}
