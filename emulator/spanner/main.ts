/** Spanner's emulator as a program: its argument is its port. */
import { announce, wantedPorts } from "../own-process.ts";
import { startSpannerEmulator } from "./server.ts";

/** As the README describes them. */
const FAULT_KINDS = [
  "aborted",
  "unavailable",
  "outcomeUnknown",
  "replyLost",
  "slowCommit",
  "cutOff",
];

const [port = 0] = wantedPorts();
const emulator = await startSpannerEmulator({ port });
await announce({ name: "spanner", faults: emulator.faults, faultKinds: FAULT_KINDS }, [
  emulator.port,
]);
