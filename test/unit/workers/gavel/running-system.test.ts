import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { announceSystem, findAddresses } from "../../../../workers/gavel/running-system.ts";

let folder = "";
let file = "";
const first = {
  SPANNER_EMULATOR_HOST: "127.0.0.1:1",
  BIGQUERY_EMULATOR_REST: "http://127.0.0.1:2",
};
const second = { SPANNER_EMULATOR_HOST: "127.0.0.1:3" };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gavel-running-"));
  file = join(folder, "gavel/env");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("commands find the system that runs, of two the first, and none after it ended", () => {
  const forgetFirst = announceSystem(first, file);
  const forgetSecond = announceSystem(second, file);
  forgetSecond();
  expect(findAddresses({}, file)).toMatchObject({
    spanner: "127.0.0.1:1",
    bigqueryRest: "http://127.0.0.1:2",
  });
  forgetFirst();
  expect(() => findAddresses({}, file)).toThrow(/^no system: `npm start` runs one here/);
});

test("variables that name a system go before the one that runs here", () => {
  announceSystem(first, file);
  expect(findAddresses({ GOOGLE_CLOUD_PROJECT: "shop" }, file)).toMatchObject({
    project: "shop",
    spanner: undefined,
  });
});

test("what a starter that is gone left behind is no system", () => {
  announceSystem(first, file);
  writeFileSync(
    file,
    "export SPANNER_EMULATOR_HOST=127.0.0.1:1\nexport GAVEL_START_PID=999999999\n",
  );
  expect(() => findAddresses({}, file)).toThrow(/^no system/);
  announceSystem(second, file);
  expect(findAddresses({}, file).spanner).toBe("127.0.0.1:3");
});
