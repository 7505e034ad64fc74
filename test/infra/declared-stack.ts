import type { StackConfig } from "../../infra/config.ts";
import { type RecordedResource, recordStack } from "../../infra/docs/record-stack.ts";

/** What a stack declares, to ask about. */
export class DeclaredStack {
  readonly resources: readonly RecordedResource[];
  readonly #byUrn: ReadonlyMap<string, RecordedResource>;

  private constructor(resources: readonly RecordedResource[]) {
    this.resources = resources;
    this.#byUrn = new Map(resources.map((each) => [each.urn, each]));
  }

  static async of(config: StackConfig): Promise<DeclaredStack> {
    return new DeclaredStack(await recordStack(config));
  }

  /** Google's resources whose type ends so: `Topic`, `spanner/database:Database`. */
  ofType(ending: string): readonly RecordedResource[] {
    return this.resources.filter(
      ({ type }) => type.startsWith("gcp:") && `:${type}`.endsWith(`:${ending}`),
    );
  }

  named(ending: string, name: string): RecordedResource {
    const found = this.ofType(ending).find((each) => each.name === name);
    if (found === undefined) throw new RangeError(`there is no ${ending} ${name}`);
    return found;
  }

  /** Everything that has to be there before a resource is made. */
  before(resource: RecordedResource): ReadonlySet<RecordedResource> {
    const found = new Set<RecordedResource>();
    const visit = (each: RecordedResource): void => {
      for (const urn of each.dependencies) {
        const dependency = this.#byUrn.get(urn);
        if (dependency === undefined || found.has(dependency)) continue;
        found.add(dependency);
        visit(dependency);
      }
    };
    visit(resource);
    return found;
  }
}
