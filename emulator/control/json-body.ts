import type { IncomingMessage } from "node:http";

/** A control call that cannot be carried out: an HTTP status and a sentence. */
export class RequestRefused extends Error {
  override readonly name = "RequestRefused";
  readonly httpStatus: number;

  constructor(message: string, options: { readonly httpStatus: number; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.httpStatus = options.httpStatus;
  }
}

const BODY_BYTES_MAX = 64 * 1024;

/** The JSON object in a request's body. */
export async function readJson(request: IncomingMessage): Promise<object> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += chunk.length;
    if (sizeBytes > BODY_BYTES_MAX) {
      throw new RequestRefused(`The body has more than ${BODY_BYTES_MAX} bytes.`, {
        httpStatus: 413,
      });
    }
    chunks.push(chunk);
  }
  const body = parse(Buffer.concat(chunks).toString("utf8"));
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new RequestRefused("The body is not a JSON object.", { httpStatus: 400 });
  }
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RequestRefused(`The body is not JSON: ${String(cause)}.`, { httpStatus: 400, cause });
  }
}
