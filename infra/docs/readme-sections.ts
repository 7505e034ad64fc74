import { accessTable, customRoles } from "../access/access-table.ts";
import { nameOf } from "../access/grant.ts";
import { costCases } from "../cost/cost-cases.ts";
import { assumptions, type CostCase, monthlyCost, totalOf } from "../cost/monthly-cost.ts";
import { cloudOnlyInputs, cloudOnlyKinds } from "../local/cloud-only.ts";
import { workerMetrics } from "../monitoring/worker-metrics.ts";
import type { RecordedResource } from "./record-stack.ts";
import { resourceGraph } from "./resource-graph.ts";

/** The parts of infra/README.md that are computed, of a stack's resources, by the names that mark them there. */
export function readmeSections(
  resources: readonly RecordedResource[],
): ReadonlyMap<string, string> {
  return new Map([
    ["graph", `\`\`\`mermaid\n${resourceGraph(resources)}\n\`\`\``],
    ["access", accessSection()],
    ["cloud-only", cloudOnlySection()],
    ["metrics", metricsSection()],
    ["cost", costSection()],
  ]);
}

/** A README with its computed parts put in between `<!-- name -->` and `<!-- /name -->`. */
export function withSections(readme: string, sections: ReadonlyMap<string, string>): string {
  let text = readme;
  for (const [name, section] of sections) {
    const place = new RegExp(`(<!-- ${name} -->\n)[^]*?(\n?<!-- /${name} -->)`);
    if (!place.test(text)) throw new RangeError(`the README has no place for ${name}`);
    text = text.replace(place, (_all, start: string) => `${start}${section}\n<!-- /${name} -->`);
  }
  return text;
}

function accessSection(): string {
  const rows = accessTable.map(({ who, role, target, why }) => [
    nameOf(who),
    target.what,
    `\`${role}\``,
    why,
  ]);
  const roles = Object.entries(customRoles).map(
    ([role, permissions]) => `\`${role}\`: ${permissions.map((each) => `\`${each}\``).join(", ")}.`,
  );
  return [table(["who", "on", "role", "for"], rows), ...roles].join("\n\n");
}

function cloudOnlySection(): string {
  const inputs = Object.entries(cloudOnlyInputs).flatMap(([kind, fields]) =>
    Object.entries(fields).map(([field, why]) => [`${shortKind(kind)} \`${field}\``, why] as const),
  );
  const kinds = Object.entries(cloudOnlyKinds).map(
    ([kind, why]) => [shortKind(kind), why] as const,
  );
  const byReason = Map.groupBy([...kinds, ...inputs], ([, why]) => why);
  const rows = [...byReason].map(([why, members]) => [
    members.map(([member]) => member).join(", "),
    why,
  ]);
  return table(["kind, or input of a kind", "why"], rows);
}

function metricsSection(): string {
  const rows = workerMetrics.map(({ field, unit, programs, means }) => [
    `\`${field}\``,
    unit,
    programs.join(", "),
    means,
  ]);
  return table(["field", "unit", "workers", "meaning"], rows);
}

function costSection(): string {
  const bills = costCases.map((each) => monthlyCost(each));
  const [first = []] = bills;
  const lines = first.map(({ item }, index) => [
    item,
    ...bills.map((bill) => dollars(bill[index]?.usdPerMonth ?? 0)),
  ]);
  const totals = ["**a month**", ...bills.map((bill) => `**${dollars(totalOf(bill))}**`)];
  const overview = table(["", ...costCases.map(({ name }) => name)], [...lines, totals]);
  const given = Object.entries(assumptions).map(([name, value]) => `${name} ${value}`);
  const sums = costCases.map((each, index) => sumsOf(each, bills[index] ?? []));
  return [overview, `Assumed: ${given.join(", ")}.`, ...sums].join("\n\n");
}

function sumsOf({ name }: CostCase, bill: ReturnType<typeof monthlyCost>): string {
  const rows = bill.map(({ item, sum, usdPerMonth }) => [item, sum, dollars(usdPerMonth)]);
  return `<details><summary>${name}</summary>\n\n${table(["item", "sum", "USD"], rows)}\n\n</details>`;
}

function dollars(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function shortKind(kind: string): string {
  return kind.replace(/^gcp:/, "").replace(/\/\w+:/, "/");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
