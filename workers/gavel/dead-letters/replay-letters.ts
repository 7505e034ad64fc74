import { REGIONS, type Region } from "../../../shared/core/auction/event.ts";
import { pubsubEndpoint } from "../../../shared/io/endpoints.ts";
import { createPublisherClient } from "../../../shared/io/event-publisher.ts";
import { eventAttributes, topics } from "../../../shared/names.ts";
import type { Addresses } from "../addresses.ts";
import type { Streams } from "../streams.ts";
import { type DeadLetter, decideReplay } from "./dead-letter.ts";

/**
 * Publishes letters to the topic again, as they were, each with its attributes and ordering key, and says
 * of each what became of it. Rows in `dead_letters` stay: they tell what happened. Resolves to how many
 * were not published.
 */
export async function replayLetters(
  letters: readonly DeadLetter[],
  { project, pubsub }: Addresses,
  { stdout, stderr }: Streams,
): Promise<number> {
  const topic = `projects/${project}/topics/${topics.auctionEvents.name}`;
  const clients = new Map<Region, ReturnType<typeof createPublisherClient>>();
  let refused = 0;
  for (const letter of oldestFirst(letters)) {
    const { messageId, attributes, orderingKey, payload } = letter;
    const region = REGIONS.find((each) => each === attributes[eventAttributes.region]);
    const decision = decideReplay(letter, Date.now());
    if (decision.kind === "refuse" || region === undefined) {
      const why = decision.kind === "refuse" ? decision.why : "its attributes name no region";
      stderr.write(`${messageId} not published: ${why}\n`);
      refused++;
      continue;
    }
    const client =
      clients.get(region) ?? createPublisherClient(pubsubEndpoint(region, pubsub[region]), project);
    clients.set(region, client);
    const message = { data: payload, attributes: ours(attributes), orderingKey };
    const [{ messageIds }] = await client.publish({ topic, messages: [message] });
    stdout.write(`${messageId} published again as ${messageIds?.[0] ?? ""}\n`);
  }
  await Promise.all([...clients.values()].map((client) => client.close()));
  return refused;
}

/** Attributes without those that Pub/Sub adds, and takes from nobody. */
function ours(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !/^goog/i.test(name)));
}

/** Order within a key is kept; a message that several subscriptions failed on is published once. */
function oldestFirst(letters: readonly DeadLetter[]): DeadLetter[] {
  const byMessage = new Map(letters.map((letter) => [letter.messageId, letter]));
  return [...byMessage.values()].reverse();
}
