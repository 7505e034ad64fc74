import { v1 } from "@google-cloud/pubsub";
import type { FlagRecord } from "../core/review/flag-record.ts";
import { topics } from "../names.ts";
import { hostAndPort, type PubsubEndpoint } from "./endpoints.ts";
import { classified } from "./grpc-status.ts";
import type { Upsert } from "./table-writer.ts";

/** A flag as the upsert of its row in `bot_flags`, ordered by its version. */
export function flagUpsert({ flagId, flag, isClosed, version, review }: FlagRecord): Upsert {
  const isDecided = review.state === "confirmed" || review.state === "dismissed";
  return {
    row: {
      flag_id: flagId,
      segment: flag.segment,
      start_time: flag.startMs * 1000,
      end_time: flag.endMs * 1000,
      detected_at: flag.detectedAtMs * 1000,
      is_closed: isClosed,
      severity: flag.severity,
      score: flag.nats,
      reasons: JSON.stringify(flag.reasons),
      bid_count: flag.bidCount,
      expected_bids: flag.expectedBids,
      review_state: review.state,
      version,
      ...(review.state === "claimed" ? { claimed_by: review.by } : {}),
      ...(isDecided ? { decided_by: review.by, decision_reason: review.reason } : {}),
    },
    sequence: version.toString(16),
  };
}

/**
 * The topic `bot-flags`: a message each version of a flag that is published, at least once; `flag_id` and
 * `version` tell repeats, and the highest version is what stands.
 */
export class FlagTopic {
  readonly #client: v1.PublisherClient;
  readonly #topic: string;

  constructor(endpoint: PubsubEndpoint, projectId: string) {
    const { host: apiEndpoint, port } = hostAndPort(endpoint.address);
    const sslCreds = endpoint.credentials;
    this.#client = new v1.PublisherClient({ projectId, apiEndpoint, port, sslCreds });
    this.#topic = `projects/${projectId}/topics/${topics.botFlags.name}`;
  }

  async publish(records: readonly FlagRecord[]): Promise<void> {
    const messages = records.map(({ flagId, version, flag, isClosed, review }) => ({
      data: Buffer.from(JSON.stringify({ flag_id: flagId, version, ...flag, isClosed, review })),
      attributes: {
        flag_id: flagId,
        version: String(version),
        segment: flag.segment,
        severity: flag.severity,
        review_state: review.state,
      },
    }));
    try {
      await this.#client.publish({ topic: this.#topic, messages });
    } catch (error) {
      throw classified(error, `publish ${messages.length} flags`);
    }
  }
}
