import { randomUUID } from "node:crypto";
import { type IngestRequest, type Signing, signed, signedQuery } from "../support/ingest-client.ts";

/** A request, what is done to it, and whether it is an honest one that has to be accepted. */
export interface NoticeAttempt {
  readonly kind: string;
  readonly request: IngestRequest;
  readonly isHonest: boolean;
}

/** What a notice says. */
export interface NoticeFields extends Readonly<Record<string, string>> {
  readonly auction_id: string;
  /** Begins with b. */
  readonly bid_id: string;
  readonly seat_id: string;
  /** Begins with 9. */
  readonly price: string;
  readonly currency: string;
}

export interface Notice {
  readonly type: "win" | "billing" | "loss";
  readonly fields: NoticeFields;
}

const HONEST_KEPT = 1000;
const KINDS = ["win", "billing", "loss"] as const;

/**
 * Notices as somebody without the key sends them: unsigned, signed at random, by another's key, an
 * honest one altered in any place, or sent again. One in a hundred is honest.
 */
export class NoticeForger {
  readonly #random: () => number;
  readonly #sayNotice: () => Notice;
  readonly #honest: IngestRequest[] = [];

  /** `sayNotice` says what a notice is about: bids that nobody knows, by default. */
  constructor(random: () => number, sayNotice?: () => Notice) {
    this.#random = random;
    this.#sayNotice = sayNotice ?? ((): Notice => this.#unknownNotice());
  }

  next(): NoticeAttempt {
    if (this.#random() < 0.01) {
      return { kind: "honest", request: this.#signedNotice("us-1"), isHonest: true };
    }
    const [kind, request] = this.#forged();
    const isSigned = /Signature|gavel_signature/.test(JSON.stringify(request));
    return { kind: isSigned ? kind : "unsigned", request, isHonest: false };
  }

  /** Notes an honest request that was taken: only from then on is the same one a replay. */
  noteTaken(request: IngestRequest): void {
    if (this.#honest.length < HONEST_KEPT) this.#honest.push(request);
  }

  #forged(): [kind: string, request: IngestRequest] {
    const [first] = this.#honest;
    switch (Math.floor(this.#random() * 6)) {
      case 0:
        return ["unsigned", this.#notice()];
      case 1: {
        const own = this.#signedNotice("us-1");
        return ["signed at random", this.#replaced(own, /[0-9a-f]{64}/, this.#hex(64))];
      }
      case 2:
        return ["another's key", this.#replaced(this.#signedNotice("eu-1"), "eu-1", "us-1")];
      case 3: {
        const taken = this.#honest[Math.floor(this.#random() * this.#honest.length)];
        return ["replayed", taken ?? this.#notice()];
      }
      case 4:
        return ["altered", this.#altered(this.#signedNotice("us-1"))];
      default:
        return ["replayed, altered", this.#altered(first ?? this.#notice())];
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
    return noticeRequest(this.#sayNotice(), this.#random() < 0.5 ? "GET" : "POST");
  }

  #unknownNotice(): Notice {
    const type = KINDS[Math.floor(this.#random() * KINDS.length)] ?? "win";
    const fields = {
      auction_id: `a${this.#hex(8)}`,
      bid_id: `b${this.#hex(8)}`,
      seat_id: "s1",
      price: `9.${this.#hex(4).replace(/\D/g, "7")}`,
      currency: "USD",
    };
    return { type, fields };
  }

  #signedNotice(keyId: Signing["keyId"]): IngestRequest {
    return signedAnew(this.#notice(), keyId);
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

/** The notice unsigned, in the query of a GET or as the JSON of a POST. */
export function noticeRequest({ type, fields }: Notice, method: "GET" | "POST"): IngestRequest {
  const target = `/v1/notices/${type}`;
  if (method === "GET") return { method, target: `${target}?${new URLSearchParams(fields)}` };
  const headers = { "Content-Type": "application/json" };
  return { method, target, headers, body: JSON.stringify(fields) };
}

/** A request signed by a key, with a nonce of its own, `ageS` seconds ago. */
export function signedAnew(
  request: IngestRequest,
  keyId: Signing["keyId"],
  ageS = 0,
): IngestRequest {
  const timestampS = Math.floor(Date.now() / 1000) - ageS;
  const sign = request.method === "GET" ? signedQuery : signed;
  return sign(request, { keyId, timestampS, nonce: randomUUID() });
}

function isSame(left: IngestRequest, right: IngestRequest): boolean {
  return (
    left.target === right.target &&
    String(left.body ?? "") === String(right.body ?? "") &&
    JSON.stringify(left.headers ?? {}) === JSON.stringify(right.headers ?? {})
  );
}
