/** Policy tags of BigQuery columns: who reads a tagged column holds the tag's reader role besides. */
export const policyTagNames = { money: "money", pseudonym: "pseudonym" } as const;
export type PolicyTagName = keyof typeof policyTagNames;

/**
 * The tag of each column that not every reader of its table may read. Nobody is granted `pseudonym`: a
 * person who has to resolve one is granted it by name and by hand.
 */
export const taggedColumns: Readonly<Record<string, Readonly<Record<string, PolicyTagName>>>> = {
  settlements: { won: "money", billed: "money", owed: "money", paid: "money" },
  ledger: { amount: "money" },
  events_raw: { user_key: "pseudonym" },
};

/** Tables whose rows are read by policy: `region` names the column that regional readers are held to. */
export const rowPolicies: readonly { readonly table: string; readonly region?: string }[] = [
  { table: "settlements", region: "region" },
  { table: "ledger" },
];
