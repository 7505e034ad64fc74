import { readCommandLine } from "../command-line.ts";
import type { Streams } from "../streams.ts";
import { withLedger } from "./open-finance.ts";

const USAGE = "usage: gavel audit [--json]";
const ARGUMENTS = { options: { json: { type: "boolean" } } } as const;

/** `gavel audit`: every invariant of the ledger, as of one instant; 0 where all hold, else 1. */
export async function runAudit(args: readonly string[], streams: Streams): Promise<number> {
  const { values } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  return await withLedger(async (reader) => {
    let findings = 0;
    for await (const found of reader.audit()) {
      if (values.json === true) streams.stdout.write(`${JSON.stringify(found)}\n`);
      if ("bids" in found) {
        const said = `${found.bids} bids and ${found.entries} entries audited, ${findings} findings`;
        streams.stderr.write(`${said}\n`);
        continue;
      }
      findings++;
      const { invariant, subject, expected, actual } = found;
      if (values.json !== true) {
        streams.stdout.write(`${invariant} ${subject}: expected ${expected}, found ${actual}\n`);
      }
    }
    return findings === 0 ? 0 : 1;
  });
}
