/** Our Spanner emulator in a process of its own, so that the client under load does not share its core. */
import { startSpannerEmulator } from "../../emulator/spanner/server.ts";

const emulator = await startSpannerEmulator({ port: 0 });
process.stdout.write(`${emulator.address}\n`);
process.once("SIGTERM", () => void emulator.close());
