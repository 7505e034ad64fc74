import type { IncomingMessage } from "node:http";
import { isPrintable } from "../../../shared/core/auction/read-event.ts";

/** What a page's write endpoint answers: an HTTP status and its JSON; `says` is a sentence for people. */
export interface ActionAnswer {
  readonly status: 200 | 400 | 401 | 403 | 404 | 409 | 413 | 415 | 500 | 503;
  readonly body: { readonly says: string; readonly [field: string]: unknown };
}

/** Fields of a request as they came: an action checks each one that it reads. */
export type ActionFields = Readonly<Record<string, unknown>>;

/** Carries out what `who` asks for. Throws where the world failed. */
export type Action = (fields: ActionFields, who: string) => Promise<ActionAnswer>;

const BODY_BYTES_MAX = 64_000;
const REASON_LENGTH_MAX = 1024;

export function answer(status: ActionAnswer["status"], says: string, more: object = {}) {
  return { status, body: { says, ...more } } satisfies ActionAnswer;
}

/** A fault in what was asked, answered to whoever asked. */
export class ActionRefused extends Error {
  override readonly name = "ActionRefused";
  readonly status: ActionAnswer["status"];

  constructor(status: ActionAnswer["status"], says: string) {
    super(says);
    this.status = status;
  }
}

/**
 * Reads the request of an action: JSON from a page of this console, and who asks. Where the console
 * serves this machine only, that is the name that the page sends as `by`; elsewhere whom Identity-Aware
 * Proxy has signed in, whatever `by` says. Throws ActionRefused.
 */
export async function readAction(
  request: IncomingMessage,
  { isLocalOnly }: { readonly isLocalOnly: boolean },
): Promise<{ readonly fields: ActionFields; readonly who: string }> {
  const { headers } = request;
  if (!isSameOrigin(headers))
    throw new ActionRefused(403, "Only this console's own pages may ask.");
  if (!/^application\/json\b/.test(headers["content-type"] ?? "")) {
    throw new ActionRefused(415, "Send application/json.");
  }
  const fields = objectOf(await readBody(request));
  const who = isLocalOnly ? fields["by"] : signedIn(headers);
  if (typeof who !== "string" || !isPrintable(who.trim())) {
    throw isLocalOnly
      ? new ActionRefused(400, "Say who you are: a name of 1 to 128 characters.")
      : new ActionRefused(401, "Nobody is signed in: Identity-Aware Proxy names who asks.");
  }
  return { fields, who: who.trim() };
}

/** The reason that goes to the audit trail. Throws ActionRefused where it is none. */
export function reasonIn({ reason }: ActionFields): string {
  if (typeof reason === "string" && reason.trim() !== "" && reason.length <= REASON_LENGTH_MAX) {
    return reason.trim();
  }
  throw new ActionRefused(400, `Say why, in 1 to ${REASON_LENGTH_MAX} characters.`);
}

/** A text that names something stored. Throws ActionRefused where it is none. */
export function textIn(fields: ActionFields, name: string, lengthMax: number): string {
  const text = fields[name];
  if (typeof text === "string" && text !== "" && text.length <= lengthMax) return text;
  throw new ActionRefused(400, `${name}: give a text of 1 to ${lengthMax} characters.`);
}

/** The version of something that the person looked at. Throws ActionRefused where it is none. */
export function versionIn({ version }: ActionFields): number {
  if (typeof version === "number" && Number.isSafeInteger(version) && version > 0) return version;
  throw new ActionRefused(400, "version: give the version that you looked at.");
}

/** A browser names the origin of every POST; a page elsewhere cannot forge it. */
function isSameOrigin({ origin, host }: IncomingMessage["headers"]): boolean {
  return host !== undefined && URL.canParse(origin ?? "") && new URL(origin ?? "").host === host;
}

/** `accounts.google.com:ann@example.com`, set by the proxy, which takes out what a client sends. */
function signedIn(headers: IncomingMessage["headers"]): string | undefined {
  const email = headers["x-goog-authenticated-user-email"];
  return typeof email === "string" ? email.split(":").at(-1) : undefined;
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request.setEncoding("utf8")) {
    text += piece;
    if (text.length > BODY_BYTES_MAX) throw new ActionRefused(413, "That is too long.");
  }
  return text;
}

function objectOf(text: string): ActionFields {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { ...value };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new ActionRefused(400, "That is no JSON object.");
}
