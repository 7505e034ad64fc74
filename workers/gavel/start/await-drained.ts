import { systemClock } from "../../../shared/io/clock.ts";

interface Backlog {
  readonly subscription: string;
  readonly undeliveredMessages: number;
}

const POLL_MS = 200;
/** Backlogs that have to be empty this often in a row: a dead letter may just be on its way. */
const EMPTY_POLLS = 3;

/** Resolves once every message of the named subscriptions is acked, by the emulator's own figures. */
export async function awaitDrained(
  control: string,
  subscriptions: ReadonlySet<string>,
): Promise<void> {
  for (let empty = 0; empty < EMPTY_POLLS; ) {
    const waiting = await backlogOf(control, subscriptions);
    empty = waiting === 0 ? empty + 1 : 0;
    await systemClock.sleep(POLL_MS);
  }
}

/** How many messages of the named subscriptions are not acked. */
export async function backlogOf(
  control: string,
  subscriptions: ReadonlySet<string>,
): Promise<number> {
  // A connection kept for the next look may be closed by the server just as that is sent.
  const headers = { connection: "close" };
  const response = await fetch(`${control}/pubsub/backlog`, { headers });
  // The control server's own form: emulator/pubsub/backlog-figures.ts.
  const figures = (await response.json()) as Backlog[];
  return figures
    .filter(({ subscription }) => subscriptions.has(subscription.split("/").at(-1) ?? ""))
    .reduce((sum, { undeliveredMessages }) => sum + undeliveredMessages, 0);
}
