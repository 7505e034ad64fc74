import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { runGavel } from "../../support/run-gavel.ts";

const root = join(import.meta.dirname, "../../..");
const loader = join(root, "workers/gavel/compile-ahead/load-imports.ts");
const run = promisify(execFile);

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gavel-compile-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("compile-ahead keeps the code of every program that a start runs, for both sets of flags", async () => {
  const { code, stderr } = await runGavel(["compile-ahead"], undefined, {
    variables: { NODE_COMPILE_CACHE: folder },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const modules = readdirSync(folder).map((flags) => readdirSync(join(folder, flags)).length);
  // Google's clients alone are some hundred modules.
  expect(modules).toEqual([expect.any(Number), expect.any(Number)]);
  expect(Math.min(...modules)).toBeGreaterThan(400);
});

test("an import that does not load is named, with the program that has it", async () => {
  const program = join(folder, "program.ts");
  writeFileSync(
    program,
    'import { env } from "node:process";\nimport type { Nothing } from "./types.ts";\nimport {\n  missing,\n} from "./missing.ts";\n',
  );
  const name = relative(root, program);
  await expect(run(process.execPath, [loader, name])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(`^${name}: ./missing.ts does not load: Cannot find module `),
  });
});
