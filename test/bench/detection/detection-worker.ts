import { parentPort } from "node:worker_threads";
import { measureSeed } from "./measure-seed.ts";

parentPort?.on("message", ({ seed, asked }: { seed: number; asked: number }) => {
  parentPort?.postMessage(measureSeed(seed, asked));
});
