import { UsageError } from "../../../shared/core/errors.ts";

/** A call to the emulators' control server, e.g. `POST pubsub/regions/eu/cut`. */
export interface ControlCall {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: object;
}

/** Carries out one call; what the server refuses is the user's to mend, in the server's own words. */
export async function callControl(address: string, call: ControlCall): Promise<unknown> {
  const { method, path, body } = call;
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  let response: Response;
  try {
    response = await fetch(`${address}/${path}`, { method, ...sent });
  } catch (cause) {
    throw new UsageError(
      `nothing answers at GAVEL_CONTROL=${address}: start the system with \`gavel start\`, and export the variables that it prints`,
      { cause },
    );
  }
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const { error } = Object(answer);
  throw new UsageError(`${method} /${path} was refused: ${String(error)}`);
}
