import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";

/** The parts that a page's feed sends, as JSON text, until the reader stops. */
export async function* readFeed(url: string): AsyncGenerator<{ part: string; json: string }> {
  const [response] = (await once(get(url), "response")) as [IncomingMessage];
  let text = "";
  for await (const piece of response.setEncoding("utf8")) {
    const events = (text + piece).split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const [, part, json] = /^event: (.+)\ndata: (.*)$/.exec(event) ?? [];
      if (part !== undefined && json !== undefined) yield { part, json };
    }
  }
}
