import { messageOf, UsageError } from "../../../shared/core/errors.ts";

/** HTTP and gRPC codes by which the services refuse a query for its own sake. */
const refusals: ReadonlySet<unknown> = new Set([400, 404, 3, 5]);

/**
 * A refused query as the user should see it: what is wrong and where in one line, then the line of the
 * query with a mark below the place. Undefined where the error is no refusal of the query.
 */
export function queryFault(error: unknown, query: string): UsageError | undefined {
  const isRefusal = error instanceof Error && "code" in error && refusals.has(error.code);
  if (!isRefusal) return undefined;
  const [message = ""] = messageOf(error)
    .replace(/^\d+ [A-Z_]+: /, "")
    .split("\n");
  const place = /\[(?:at )?(\d+):(\d+)\]/.exec(message);
  const source = query.split("\n")[Number(place?.[1]) - 1];
  const mark = `${" ".repeat(Math.max(0, Number(place?.[2]) - 1))}^`;
  const lines = source === undefined ? [message] : [message, `  ${source}`, `  ${mark}`];
  return new UsageError(lines.join("\n"), { cause: error });
}
