import type { RecordedResource } from "../../infra/docs/record-stack.ts";

/** Paths of inputs that differ between resources of one name in two stacks, by resource type. */
export function differingInputs(
  one: readonly RecordedResource[],
  other: readonly RecordedResource[],
): Record<string, readonly string[]> {
  const counterparts = new Map(other.map((each) => [`${each.type} ${each.name}`, each]));
  const found = new Map<string, Set<string>>();
  for (const { type, name, inputs, isProtected } of one) {
    const counterpart = counterparts.get(`${type} ${name}`);
    if (counterpart === undefined) continue;
    const paths = differingPaths(inputs, counterpart.inputs, "");
    if (isProtected !== counterpart.isProtected) paths.push("protect");
    if (paths.length === 0) continue;
    const known = found.get(type) ?? new Set();
    found.set(type, new Set([...known, ...paths.map((path) => path.replace(/^\./, ""))]));
  }
  return Object.fromEntries([...found].map(([type, paths]) => [type, [...paths].toSorted()]));
}

/** Types of which a stack has resources that the other has not, with how many. */
export function extraResources(
  one: readonly RecordedResource[],
  other: readonly RecordedResource[],
): Record<string, number> {
  const names = new Set(other.map(({ type, name }) => `${type} ${name}`));
  const counts: Record<string, number> = {};
  for (const { type, name } of one) {
    if (!names.has(`${type} ${name}`)) counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}

function differingPaths(one: unknown, other: unknown, path: string): string[] {
  if (!isObject(one) || !isObject(other)) {
    return JSON.stringify(one) === JSON.stringify(other) ? [] : [path];
  }
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].flatMap((key) => differingPaths(one[key], other[key], `${path}.${key}`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
