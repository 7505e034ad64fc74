import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Child } from "../../../../../workers/gavel/start/children.ts";

const root = join(import.meta.dirname, "../../../../..");

test("a process that misses its first SIGTERM, as one that still loads may, is asked again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gavel-child-"));
  const program = join(folder, "program.ts");
  writeFileSync(
    program,
    `let asked = 0;
process.on("SIGTERM", () => { if (++asked === 2) process.exit(); });
setInterval(() => undefined, 1000);
process.send?.({ isReady: true });`,
  );
  const ready = Promise.withResolvers<void>();
  const spec = { name: "test-child", entry: relative(root, program), variables: {} };
  const child = new Child(spec, () => ready.resolve());
  await ready.promise;
  await child.stop();
  expect(child.exitCode).toBe(0);
  rmSync(folder, { recursive: true });
});
