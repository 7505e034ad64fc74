import type { RecordedResource } from "./record-stack.ts";

const REGION_SUFFIX = /-(us|eu|apac)$/;

/** One box of the picture: a component, those of several regions drawn as one. */
interface Box {
  readonly label: string;
  /** How many of Google's resources it holds, by kind. */
  readonly kinds: Map<string, number>;
  readonly needs: Set<string>;
}

/**
 * A stack's components and what each needs before it, as Mermaid. An arrow goes from what is made first to
 * what needs it; where a longer way leads there too the arrow is left out.
 */
export function resourceGraph(resources: readonly RecordedResource[]): string {
  const boxes = boxesOf(resources);
  const lines = ["graph LR"];
  for (const [id, { label, kinds }] of boxes) {
    const counted = [...kinds]
      .toSorted()
      .map(([kind, count]) => (count === 1 ? kind : `${count} ${kind}`));
    lines.push(`  ${id}["<b>${label}</b><br/>${counted.join("<br/>")}"]`);
  }
  for (const [id, { needs }] of boxes) {
    for (const need of direct(needs, boxes).toSorted()) lines.push(`  ${need} --> ${id}`);
  }
  return lines.join("\n");
}

function boxesOf(resources: readonly RecordedResource[]): ReadonlyMap<string, Box> {
  const components = new Map(
    resources.filter(({ type }) => type.startsWith("rtb:")).map((each) => [each.urn, each]),
  );
  const boxOf = new Map<string, string>();
  for (const { urn, parent } of resources) {
    const component = components.get(parent);
    if (component !== undefined) boxOf.set(urn, component.name.replace(REGION_SUFFIX, ""));
  }
  const boxes = new Map<string, Box>();
  for (const { urn, type, dependencies } of resources) {
    const id = boxOf.get(urn);
    if (id === undefined) continue;
    const box = boxes.get(id) ?? { label: id, kinds: new Map(), needs: new Set() };
    const kind = type.split(":").at(-1) ?? type;
    box.kinds.set(kind, (box.kinds.get(kind) ?? 0) + 1);
    for (const need of dependencies.flatMap((each) => boxOf.get(each) ?? [])) {
      if (need !== id) box.needs.add(need);
    }
    boxes.set(id, box);
  }
  // Resources are declared in no fixed order; the picture is the same each time.
  return new Map([...boxes].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** The needs of a box that no other need of it brings along. */
function direct(needs: ReadonlySet<string>, boxes: ReadonlyMap<string, Box>): readonly string[] {
  return [...needs].filter(
    (need) => ![...needs].some((other) => other !== need && reaches(other, need, boxes)),
  );
}

function reaches(from: string, to: string, boxes: ReadonlyMap<string, Box>): boolean {
  const seen = new Set<string>();
  const visit = (id: string): boolean => {
    if (seen.has(id)) return false;
    seen.add(id);
    return [...(boxes.get(id)?.needs ?? [])].some((need) => need === to || visit(need));
  };
  return visit(from);
}
