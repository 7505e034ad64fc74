import type { IncomingMessage, ServerResponse } from "node:http";
import { messageOf, RetryableError } from "../../../shared/core/errors.ts";
import type { Log } from "../../../shared/io/ports.ts";
import { type Action, type ActionAnswer, ActionRefused, answer, readAction } from "./action.ts";

/** Serves one request of an action. What goes wrong is a sentence for whoever asked, and a line of the log. */
export async function serveAction(
  action: Action,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  options: { readonly isLocalOnly: boolean; readonly log: Log },
): Promise<void> {
  const { status, body } = await answered(action, request, options);
  // A body that was not read to its end would be taken for the connection's next request.
  const connection = request.complete ? {} : { connection: "close" };
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...connection });
  response.end(JSON.stringify(body));
}

async function answered(
  action: Action,
  request: IncomingMessage,
  { isLocalOnly, log }: { readonly isLocalOnly: boolean; readonly log: Log },
): Promise<ActionAnswer> {
  try {
    const { fields, who } = await readAction(request, { isLocalOnly });
    const done = await action(fields, who);
    log.info("action", { path: request.url, who, status: done.status, says: done.body.says });
    return done;
  } catch (error) {
    if (error instanceof ActionRefused) return answer(error.status, error.message);
    const reason = messageOf(error);
    log.error("action failed", { path: request.url, reason });
    return error instanceof RetryableError
      ? answer(
          503,
          `The database did not answer, so it may or may not be done: look again. (${reason})`,
        )
      : answer(500, `That failed: ${reason}`);
  }
}
