import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { messageOf } from "../../shared/core/errors.ts";
import { prng } from "./prng.ts";
import { wholeNumber } from "./read-numbers.ts";

export interface ChaosInput {
  /** The file as it is. */
  readonly text: string;
  /** Its lines twice, a tenth of them once more, shuffled. */
  readonly sent: readonly string[];
  readonly kills: number;
  readonly seed: number;
  /** Goes on from the shuffling. */
  readonly random: () => number;
}

/**
 * Reads a script's `FILE [--kills N] [--seed N]`, the file gzipped or not. Where they do not fit, prints why
 * and how `script` is called, and ends the process with 2.
 */
export function readChaosInput(script: string, { kills }: { readonly kills: number }): ChaosInput {
  try {
    return parseInput(kills);
  } catch (error) {
    process.stderr.write(
      `${messageOf(error)}\nusage: npm run ${script} -- FILE [--kills N] [--seed N]\n`,
    );
    process.exit(2);
  }
}

function parseInput(usualKills: number): ChaosInput {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      kills: { type: "string", default: String(usualKills) },
      seed: { type: "string", default: "1" },
    },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new RangeError("give one file of events");
  const range = { min: 0, max: 999_999_999 };
  const kills = wholeNumber("kills", values.kills, range);
  const seed = wholeNumber("seed", values.seed, range);
  const bytes = readFileSync(file);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
  const random = prng(seed);
  const lines = text.split("\n").filter((line) => line !== "");
  const sent = [...lines, ...lines, ...lines.filter(() => random() < 0.1)];
  for (let index = sent.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [sent[index], sent[other]] = [sent[other] ?? "", sent[index] ?? ""];
  }
  return { text, sent, kills, seed, random };
}
