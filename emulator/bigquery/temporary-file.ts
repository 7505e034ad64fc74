import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quoteText } from "../sql/quoting.ts";

/** Runs `use` with the quoted path of a file that holds `data`, and is gone afterwards. */
export async function withTemporaryFile<Result>(
  data: Buffer,
  use: (quotedPath: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "gavel-load-"));
  try {
    const file = join(folder, "data");
    await writeFile(file, data);
    return await use(quoteText(file));
  } finally {
    await rm(folder, { recursive: true });
  }
}
