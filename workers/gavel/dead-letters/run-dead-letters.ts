import { UsageError } from "../../../shared/core/errors.ts";
import { createBigQuery } from "../../../shared/io/google-clients.ts";
import { decodeEvent } from "../../../shared/wire/event-codec.ts";
import { writeRecord } from "../../../shared/wire/log-form/write-record.ts";
import { readCommandLine } from "../command-line.ts";
import { readFormat } from "../query/run-query.ts";
import { writeRows } from "../query/write-rows.ts";
import { reachSystem } from "../reach-system.ts";
import type { Streams } from "../streams.ts";
import { type DeadLetter, readDeadLetters } from "./dead-letter.ts";

const USAGE = `usage: gavel dead-letters list [--reason R] [--limit N] [--json | --csv]
       gavel dead-letters show ID
       gavel dead-letters replay ID | --all [--reason R]`;
const ARGUMENTS = {
  allowPositionals: true,
  options: {
    reason: { type: "string" },
    limit: { type: "string" },
    all: { type: "boolean" },
    json: { type: "boolean" },
    csv: { type: "boolean" },
  },
} as const;
const LIMIT_MAX = 10_000;

/**
 * `gavel dead-letters`: what could not be counted, and why; `replay` publishes it again once the cause is
 * mended: 0 when all of it was.
 */
export async function runDeadLetters(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  const { reason = "", all = false, limit = "50" } = values;
  const [action, messageId, ...rest] = positionals;
  const wantsId = action === "show" || (action === "replay" && !all);
  const isKnown = ["list", "show", "replay"].includes(action ?? "");
  if (!isKnown || rest.length > 0 || wantsId !== (messageId !== undefined)) {
    throw new UsageError(USAGE);
  }
  if (!/^\d{1,5}$/.test(limit) || Number(limit) > LIMIT_MAX) {
    throw new UsageError(`--limit "${limit}": give 0 to ${LIMIT_MAX}`);
  }
  const format = readFormat(values);
  const addresses = await reachSystem(
    action === "replay" ? ["bigqueryRest", "pubsub"] : ["bigqueryRest"],
  );
  const bigquery = createBigQuery(addresses.project, addresses.bigqueryRest);
  if (action === "list") {
    const letters = await readDeadLetters(bigquery, { reason, limit: Number(limit) });
    streams.stdout.write(writeRows(letters.map(listed), Object.keys(columns), format));
    return 0;
  }
  const letters = await readDeadLetters(bigquery, { reason, messageId: messageId ?? "" });
  if (letters.length === 0 && messageId !== undefined) {
    throw new UsageError(
      `there is no dead letter ${messageId}: \`gavel dead-letters list\` names all`,
    );
  }
  if (action === "show") {
    streams.stdout.write(letters.map(shown).join("\n"));
    return 0;
  }
  const { replayLetters } = await import("./replay-letters.ts");
  return (await replayLetters(letters, addresses, streams)) === 0 ? 0 : 1;
}

const columns = {
  message_id: ({ messageId }: DeadLetter) => messageId,
  failed_at: ({ failedAt }: DeadLetter) => failedAt,
  subscription: ({ subscription }: DeadLetter) => subscription,
  reason: ({ reason }: DeadLetter) => reason,
  detail: ({ detail }: DeadLetter) => detail,
};

function listed(letter: DeadLetter): Record<string, string> {
  return Object.fromEntries(Object.entries(columns).map(([name, read]) => [name, read(letter)]));
}

/** A letter whole: the event where it can be read, else the bytes. */
function shown(letter: DeadLetter): string {
  const event = decodeEvent(letter.payload);
  const payload = "kind" in event ? letter.payload.toString("base64") : writeRecord(event);
  const lines = {
    ...listed(letter),
    ordering_key: letter.orderingKey,
    delivery_attempt: String(letter.deliveryAttempt),
    attributes: JSON.stringify(letter.attributes),
    ["kind" in event ? `payload (${letter.payload.length} bytes, base64)` : "event"]: payload,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("");
}
