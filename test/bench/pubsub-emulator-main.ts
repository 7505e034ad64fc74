/** Runs the Pub/Sub emulator by itself and prints its port and, every second, its longest pause. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { startPubsubEmulator } from "../../emulator/pubsub/server.ts";

const emulator = await startPubsubEmulator();
process.stdout.write(`${JSON.stringify({ port: emulator.ports.default })}\n`);

const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();
setInterval(() => {
  const pauseMs = Math.round(delay.max / 1e6);
  const { rss } = process.memoryUsage();
  process.stdout.write(`pauseMs=${pauseMs} rssBytes=${rss}\n`);
  delay.reset();
}, 1000);
