import { randomUUID } from "node:crypto";
import { type IngestRequest, type Signing, signed, signedQuery } from "../support/ingest-client.ts";

/** A request, and whether it is an honest one that has to be accepted. */
export interface NoticeAttempt {
  readonly request: IngestRequest;
  readonly isHonest: boolean;
}

const HONEST_KEPT = 1000;
const KINDS = ["win", "billing", "loss"] as const;

/**
 * Notices as somebody without the key sends them: unsigned, signed at random, by another's key, an
 * honest one altered in any place, or sent again. One in a hundred is honest.
 */
export class NoticeForger {
  readonly #random: () => number;
  readonly #honest: IngestRequest[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  next(): NoticeAttempt {
    if (this.#random() < 0.01) {
      return { request: this.#signedNotice("us-1"), isHonest: true };
    }
    return { request: this.#forged(), isHonest: false };
  }

  /** Notes an honest request that was taken: only from then on is the same one a replay. */
  noteTaken(request: IngestRequest): void {
    if (this.#honest.length < HONEST_KEPT) this.#honest.push(request);
  }

  #forged(): IngestRequest {
    switch (Math.floor(this.#random() * 6)) {
      case 0:
        return this.#notice();
      case 1:
        return this.#replaced(this.#signedNotice("us-1"), /[0-9a-f]{64}/, this.#hex(64));
      case 2:
        return this.#replaced(this.#signedNotice("eu-1"), "eu-1", "us-1");
      case 3:
        return this.#honest[Math.floor(this.#random() * this.#honest.length)] ?? this.#notice();
      case 4:
        return this.#altered(this.#signedNotice("us-1"));
      default:
        return this.#altered(this.#honest[0] ?? this.#notice());
    }
  }

  /** One thing that was signed says something else. */
  #altered(request: IngestRequest): IngestRequest {
    const digit = String(1 + Math.floor(this.#random() * 8));
    switch (Math.floor(this.#random() * 6)) {
      case 0:
        return this.#replaced(request, /price=9|"price":"9/, (found) => found.replace("9", digit));
      case 1:
        return this.#replaced(request, /bid_id=b|"bid_id":"b/, (found) => `${found}${digit}`);
      case 2:
        return this.#replaced(request, "USD", "JPY");
      case 3:
        return this.#replaced(request, /\d{10}/, (found) => String(Number(found) + 1));
      case 4:
        return { ...request, method: request.method === "GET" ? "POST" : "GET" };
      default:
        return this.#replaced(request, "/v1/notices/win", "/v1/notices/billing");
    }
  }

  #notice(): IngestRequest {
    const type = KINDS[Math.floor(this.#random() * KINDS.length)] ?? "win";
    const fields = {
      auction_id: `a${this.#hex(8)}`,
      bid_id: `b${this.#hex(8)}`,
      seat_id: "s1",
      price: `9.${this.#hex(4).replace(/\D/g, "7")}`,
      currency: "USD",
    };
    const target = `/v1/notices/${type}`;
    if (this.#random() < 0.5) {
      return { method: "GET", target: `${target}?${new URLSearchParams(fields)}` };
    }
    const headers = { "Content-Type": "application/json" };
    return { method: "POST", target, headers, body: JSON.stringify(fields) };
  }

  #signedNotice(keyId: Signing["keyId"]): IngestRequest {
    const notice = this.#notice();
    const timestampS = Math.floor(Date.now() / 1000);
    const sign = notice.method === "GET" ? signedQuery : signed;
    return sign(notice, { keyId, timestampS, nonce: randomUUID() });
  }

  /** Replaces in whatever part holds it; where no part does, the signature is taken away. */
  #replaced(
    request: IngestRequest,
    what: string | RegExp,
    by: string | ((found: string) => string),
  ): IngestRequest {
    const replace = (text: string): string =>
      typeof by === "string" ? text.replace(what, by) : text.replace(what, by);
    const { target, headers = {}, body = "" } = request;
    const replaced = {
      method: request.method,
      target: replace(target),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, replace(value)]),
      ),
      ...(body === "" ? {} : { body: replace(body.toString()) }),
    };
    const isChanged = JSON.stringify(replaced) !== JSON.stringify({ headers, ...request });
    return isChanged && !isSame(replaced, request) ? replaced : this.#notice();
  }

  #hex(length: number): string {
    return Array.from({ length }, () => Math.floor(this.#random() * 16).toString(16)).join("");
  }
}

function isSame(left: IngestRequest, right: IngestRequest): boolean {
  return (
    left.target === right.target &&
    String(left.body ?? "") === String(right.body ?? "") &&
    JSON.stringify(left.headers ?? {}) === JSON.stringify(right.headers ?? {})
  );
}
