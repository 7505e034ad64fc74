import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { type Addresses, readAddresses } from "../../../../workers/gavel/addresses.ts";
import { reachSystem } from "../../../../workers/gavel/reach-system.ts";

/** Nothing listens on a port below 1024 here but by root's wish: a connection is refused at once. */
const NOBODY = "127.0.0.1:1";
let server: Server;
let somebody = "";

beforeAll(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // A TCP server's address is one with a port.
  somebody = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
});

function addresses(variables: Readonly<Record<string, string>>): Addresses {
  return readAddresses(variables);
}

test("a command is told at once which address does not answer, and how to mend it", async () => {
  const startMs = Date.now();
  const named = addresses({
    SPANNER_EMULATOR_HOST: NOBODY,
    BIGQUERY_EMULATOR_REST: `http://${somebody}`,
  });
  await expect(reachSystem(["bigqueryRest", "spanner"], named)).rejects.toThrow(
    "nothing answers at 127.0.0.1:1 (SPANNER_EMULATOR_HOST, ECONNREFUSED): start the system with `npm start`, or set the variable to where it runs",
  );
  expect(Date.now() - startMs).toBeLessThan(2500);
  await expect(reachSystem(["bigqueryRest"], named)).resolves.toBe(named);
});

test("an emulator that no variable names is asked for by its variable, beside others that are", async () => {
  const named = addresses({ SPANNER_EMULATOR_HOST: somebody });
  await expect(reachSystem(["bigqueryRest"], named)).rejects.toThrow(
    /^BIGQUERY_EMULATOR_REST is not set/,
  );
  const cloud = addresses({ GOOGLE_CLOUD_PROJECT: "shop" });
  await expect(reachSystem(["bigqueryRest"], cloud)).resolves.toBe(cloud);
});

test("an address without a port is said to be none", async () => {
  const named = addresses({ SPANNER_EMULATOR_HOST: "localhost" });
  await expect(reachSystem(["spanner"], named)).rejects.toThrow(/it is no host:port/);
});

test("one region that does not answer is no reason to refuse the others", async () => {
  const named = addresses({ PUBSUB_EMULATOR_HOST: somebody, GAVEL_PUBSUB_EU: NOBODY });
  await expect(reachSystem(["pubsub"], named)).resolves.toBe(named);
});
