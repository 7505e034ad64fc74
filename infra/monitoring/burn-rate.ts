/** A share of bad in all as PromQL, over a window such as `5m`. */
export type BadShare = (window: string) => string;

/** How fast a month's error budget burns before somebody is told. Source: Google's SRE workbook, ch. 5. */
const burns = [
  { severity: "CRITICAL", factor: 14.4, long: "1h", short: "5m" },
  { severity: "WARNING", factor: 6, long: "6h", short: "30m" },
] as const;

export interface BurnAlert {
  readonly severity: (typeof burns)[number]["severity"];
  readonly query: string;
}

/**
 * Alerts on an objective such as 0.999: one that pages where 2 % of a month's budget is gone in an hour,
 * one that warns at 5 % in six. The short window ends an alert soon after what it is about ended.
 */
export function burnAlerts(objective: number, share: BadShare): readonly BurnAlert[] {
  return burns.map(({ severity, factor, long, short }) => {
    const limit = Number((factor * (1 - objective)).toPrecision(6));
    return { severity, query: `(${share(long)}) > ${limit} and (${share(short)}) > ${limit}` };
  });
}
