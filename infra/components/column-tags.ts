import { PolicyTag, Taxonomy } from "@pulumi/gcp/datacatalog/index.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import { dataset } from "../../shared/names.ts";
import { type PolicyTagName, policyTagNames } from "../access/column-access.ts";
import { keyOf } from "../access/grant.ts";

/** The policy tags that close BigQuery columns to readers of the rest of a table. */
export class ColumnTags extends ComponentResource {
  readonly ids: Readonly<Record<PolicyTagName, Output<string>>>;
  /** The tags by `keyOf`. */
  readonly resources: ReadonlyMap<string, PolicyTag>;

  constructor(
    name: string,
    args: { readonly project: string; readonly after: readonly Resource[] },
    options: ComponentResourceOptions = {},
  ) {
    super("rtb:warehouse:ColumnTags", name, {}, options);
    const taxonomy = new Taxonomy(
      "taxonomy",
      {
        project: args.project,
        region: dataset.location.toLowerCase(),
        displayName: "Gavel columns",
        activatedPolicyTypes: ["FINE_GRAINED_ACCESS_CONTROL"],
      },
      { parent: this, dependsOn: [...args.after] },
    );
    const tag = (displayName: string, description: string) =>
      new PolicyTag(
        `tag-${displayName}`,
        { taxonomy: taxonomy.id, displayName, description },
        { parent: this },
      );
    const money = tag(policyTagNames.money, "Amounts of single bids and entries.");
    const pseudonym = tag(policyTagNames.pseudonym, "Stands for a person.");
    this.ids = { money: money.name, pseudonym: pseudonym.name };
    this.resources = new Map([
      [keyOf({ kind: "policyTag", name: policyTagNames.money }), money],
      [keyOf({ kind: "policyTag", name: policyTagNames.pseudonym }), pseudonym],
    ]);
    this.registerOutputs();
  }
}
