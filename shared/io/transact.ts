import type { Database, Transaction } from "@google-cloud/spanner";
import { classified, grpcCodeOf } from "./grpc-status.ts";

/** Ends a transaction on purpose, with nothing of it applied; thrown on as it is. */
export class TransactionRefused extends Error {
  override readonly name: string = "TransactionRefused";
}

/**
 * Runs a read-write transaction and commits it; Spanner's aborts run it again. A refusal lets go of its
 * locks at once: those of a transaction that is only left would stand in everybody's way for 10 s.
 */
export async function transact<Result>(
  database: Database,
  doing: string,
  run: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  try {
    return await database.runTransactionAsync(async (tx) => {
      try {
        const result = await run(tx);
        await tx.commit();
        return result;
      } catch (error) {
        if (grpcCodeOf(error) === undefined) await tx.rollback();
        throw error;
      }
    });
  } catch (error) {
    throw error instanceof TransactionRefused ? error : classified(error, doing);
  }
}
