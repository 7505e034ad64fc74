/** What a consumer under measurement tells who started it: events so far, and its CPU time. */
export interface ConsumerProgress {
  readonly events: number;
  /** CPU time of the whole process from its first event on, microseconds. */
  readonly cpuUs: number;
}

const REPORT_EVERY_MS = 200;

/** Counts the events of a consumer process and reports them to its parent. */
export function reportProgress(): { add(events: number): void } {
  let events = 0;
  let startedAt: NodeJS.CpuUsage | undefined;
  setInterval(() => {
    if (startedAt === undefined) return;
    const { user, system } = process.cpuUsage(startedAt);
    process.send?.({ events, cpuUs: user + system } satisfies ConsumerProgress);
  }, REPORT_EVERY_MS);
  process.on("disconnect", () => process.exit());
  process.on("SIGTERM", () => process.exit());
  return {
    add: (count) => {
      startedAt ??= process.cpuUsage();
      events += count;
    },
  };
}
