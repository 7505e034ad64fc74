import { DataTransferConfig } from "@pulumi/gcp/bigquery/index.js";
import { Account } from "@pulumi/gcp/serviceaccount/index.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import { dataset } from "../../shared/names.ts";
import { AUDIT_ACCOUNT } from "../workers.ts";

/** The account that audits. It is made before its rights, and they before the audit runs. */
export class LedgerAuditor extends ComponentResource {
  readonly email: Output<string>;

  constructor(
    name: string,
    args: { readonly project: string; readonly after: readonly Resource[] },
    options: ComponentResourceOptions = {},
  ) {
    super("rtb:warehouse:LedgerAuditor", name, {}, options);
    const account = new Account(
      "account-audit",
      {
        accountId: AUDIT_ACCOUNT,
        displayName: "Gavel audit: adds the ledger up",
        project: args.project,
      },
      { parent: this, dependsOn: [...args.after] },
    );
    this.email = account.email;
    this.registerOutputs();
  }
}

export interface LedgerAuditArgs {
  readonly project: string;
  readonly auditor: LedgerAuditor;
  readonly after: readonly Resource[];
}

/** Adds up the ledger every hour. A run fails where a currency's entries are not zero, and that alerts. */
export class LedgerAudit extends ComponentResource {
  constructor(name: string, args: LedgerAuditArgs, options: ComponentResourceOptions = {}) {
    super("rtb:warehouse:LedgerAudit", name, {}, options);
    new DataTransferConfig(
      "ledger-audit",
      {
        project: args.project,
        displayName: "Gavel ledger audit",
        dataSourceId: "scheduled_query",
        location: dataset.location,
        schedule: "every 1 hours",
        serviceAccountName: args.auditor.email,
        params: { query: auditQuery(`${args.project}.${dataset.name}.ledger`) },
      },
      { parent: this, dependsOn: [...args.after] },
    );
    this.registerOutputs();
  }
}

/** Fails on a currency that is out of balance. The last hour is left out: rows of it may be on their way. */
export function auditQuery(table: string): string {
  return `SELECT ERROR(CONCAT('out of balance: ', currency))
FROM (
  SELECT currency, SUM(amount) AS balance FROM \`${table}\`
  WHERE commit_timestamp < TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR)
  GROUP BY currency
)
WHERE balance != 0`;
}
