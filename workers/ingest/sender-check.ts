import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { RequestHead } from "../../shared/core/ingest/admit-request.ts";
import { NonceMemory } from "../../shared/core/ingest/nonce-memory.ts";
import {
  overloaded,
  type RequestFault,
  requestFault,
} from "../../shared/core/ingest/request-fault.ts";
import {
  type Credentials,
  readCredentials,
  signedText,
} from "../../shared/core/ingest/request-signature.ts";
import type { SourceKeys } from "./source-keys.ts";

/** A request whose signature holds. Call `end` once: a request that came to nothing may come again as it is. */
export interface Sender {
  readonly kind: "sender";
  readonly source: string;
  end(wasTaken: boolean): void;
}

/** Checks who sent a request, and that it was not sent before. */
export class SenderCheck {
  readonly #keys: SourceKeys;
  readonly #nonces: NonceMemory;
  readonly #underWay = new Set<string>();
  /** Every source that has a key. */
  readonly sources: ReadonlySet<string>;

  constructor(keys: SourceKeys, noncesMax: number) {
    this.#keys = keys;
    this.#nonces = new NonceMemory(noncesMax);
    this.sources = new Set([...keys.values()].map(({ source }) => source));
  }

  /** What can be said before the body is read: who it claims to be, and whether the time is right. */
  readHead(head: RequestHead, nowMs: number): Credentials | RequestFault {
    const credentials = readCredentials(head, nowMs);
    if (credentials.kind === "fault" || this.#keys.has(credentials.keyId)) return credentials;
    const mend = "There is no such key: give the id of one of your live keys.";
    return requestFault("unknownKey", "key", mend);
  }

  check(
    method: string,
    credentials: Credentials,
    body: Uint8Array,
    nowMs: number,
  ): Sender | RequestFault {
    const key = this.#keys.get(credentials.keyId);
    const bodySha256 = createHash("sha256").update(body).digest("hex");
    const text = signedText(method, credentials, bodySha256);
    const wanted = createHmac("sha256", key?.secret ?? "")
      .update(text)
      .digest();
    const given = Buffer.from(credentials.signature, "hex");
    if (key === undefined || !timingSafeEqual(wanted, given)) {
      const mend =
        "Sign method, path with query, timestamp, nonce and the body's SHA-256, a line each after GAVEL1, with the key's secret.";
      return requestFault("badSignature", "signature", mend);
    }
    return this.#claimNonce(key.source, `${credentials.keyId} ${credentials.nonce}`, nowMs);
  }

  #claimNonce(source: string, nonce: string, nowMs: number): Sender | RequestFault {
    const digest = createHash("sha256").update(nonce).digest();
    const high = digest.readUInt32BE(0);
    const low = digest.readUInt32BE(4);
    if (this.#underWay.has(nonce) || this.#nonces.has(high, low)) {
      const mend = "This nonce was used: if this is a retry, it was taken; else use another one.";
      return requestFault("replayed", "nonce", mend);
    }
    if (this.#nonces.isFullAt(nowMs)) return overloaded("More requests than can be told apart");
    this.#underWay.add(nonce);
    return {
      kind: "sender",
      source,
      end: (wasTaken) => {
        this.#underWay.delete(nonce);
        if (wasTaken) this.#nonces.keep(high, low, nowMs);
      },
    };
  }
}
