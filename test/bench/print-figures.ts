/** One line of a benchmark: what was measured, and its figures. */
export function printFigures(
  what: string,
  figures: Readonly<Record<string, string | number>>,
): void {
  const parts = Object.entries(figures).map(([name, value]) => `${name}=${value}`);
  process.stdout.write(`${what}: ${parts.join(" ")}\n`);
}

export function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? 0;
}
