import { once } from "node:events";
import { createServer } from "node:net";
import { localPorts } from "../../../../shared/names.ts";
import { choosePorts } from "../../../../workers/gavel/start/choose-ports.ts";

test("for a taken port another one is used, none twice, and who holds it is said", async () => {
  const holder = createServer();
  holder.on("error", () => undefined); // Somebody else's program may hold it: as good.
  holder.listen(localPorts.console, "127.0.0.1");
  await Promise.race([once(holder, "listening"), once(holder, "error")]);
  const { ports, notes } = await choosePorts();
  const isOurs = holder.listening;
  holder.close();
  expect(ports.console).not.toBe(localPorts.console);
  expect(new Set(Object.values(ports)).size).toBe(Object.keys(localPorts).length);
  const note = notes.find((each) => each.includes("(console)"));
  expect(note).toMatch(/^port 8070 \(console\) is taken by .+: \d+ is used$/);
  if (isOurs) expect(note).toContain(`(pid ${process.pid})`);
});
