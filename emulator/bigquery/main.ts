/** BigQuery's emulator as a program: arguments are the ports of REST and of Storage Write. */
import { announce, wantedPorts } from "../own-process.ts";
import { startBigQueryEmulator } from "./server.ts";

/** As the README describes them. */
const FAULT_KINDS = ["appendLost", "timeout", "quota", "schemaLag", "restUnavailable", "restQuota"];

const [restPort = 0, storagePort = 0] = wantedPorts();
const emulator = await startBigQueryEmulator({ restPort, storagePort });
await announce({ name: "bigquery", faults: emulator.faults, faultKinds: FAULT_KINDS }, [
  emulator.restPort,
  emulator.storagePort,
]);
