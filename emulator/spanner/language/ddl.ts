import type { ParsedType } from "./parse-type.ts";

/** A piece of expression kept as it was written: compiled where the columns are known. */
export interface SourceText {
  readonly text: string;
}

export interface ColumnDefinition {
  readonly name: string;
  readonly type: ParsedType;
  readonly notNull: boolean;
  readonly default: SourceText | undefined;
  readonly generated: { readonly source: SourceText; readonly stored: boolean } | undefined;
  readonly hidden: boolean;
  readonly allowCommitTimestamp: boolean | undefined;
}

export interface KeyColumn {
  readonly name: string;
  readonly descending: boolean;
}

export interface CheckDefinition {
  readonly name: string | undefined;
  readonly source: SourceText;
}

export interface ForeignKeyDefinition {
  readonly name: string | undefined;
  readonly columns: readonly string[];
  readonly referencedTable: string;
  readonly referencedColumns: readonly string[];
  readonly onDelete: "cascade" | "noAction";
}

export interface Interleaving {
  readonly parent: string;
  /** `IN PARENT` holds the parent row to exist; plain `IN` only places rows beside it. */
  readonly enforced: boolean;
  readonly onDelete: "cascade" | "noAction";
}

export interface RowDeletionPolicy {
  readonly column: string;
  readonly days: number;
}

export interface CreateTable {
  readonly kind: "createTable";
  readonly name: string;
  readonly ifNotExists: boolean;
  readonly columns: readonly ColumnDefinition[];
  readonly primaryKey: readonly KeyColumn[];
  readonly checks: readonly CheckDefinition[];
  readonly foreignKeys: readonly ForeignKeyDefinition[];
  readonly interleaving: Interleaving | undefined;
  readonly rowDeletion: RowDeletionPolicy | undefined;
}

export interface CreateIndex {
  readonly kind: "createIndex";
  readonly name: string;
  readonly ifNotExists: boolean;
  readonly table: string;
  readonly columns: readonly KeyColumn[];
  readonly storing: readonly string[];
  readonly unique: boolean;
  readonly nullFiltered: boolean;
  readonly interleaveIn: string | undefined;
}

export type TableChange =
  | { readonly kind: "addColumn"; readonly column: ColumnDefinition; readonly ifNotExists: boolean }
  | { readonly kind: "dropColumn"; readonly name: string }
  | { readonly kind: "alterColumn"; readonly column: ColumnDefinition }
  | {
      readonly kind: "setColumnOptions";
      readonly name: string;
      readonly allowCommitTimestamp: boolean | undefined;
    }
  | {
      readonly kind: "setColumnDefault";
      readonly name: string;
      readonly default: SourceText | undefined;
    }
  | { readonly kind: "addCheck"; readonly check: CheckDefinition }
  | { readonly kind: "addForeignKey"; readonly foreignKey: ForeignKeyDefinition }
  | { readonly kind: "dropConstraint"; readonly name: string }
  | { readonly kind: "setRowDeletion"; readonly policy: RowDeletionPolicy | undefined }
  | { readonly kind: "setOnDelete"; readonly onDelete: "cascade" | "noAction" };

export type DdlStatement =
  | CreateTable
  | CreateIndex
  | { readonly kind: "alterTable"; readonly name: string; readonly change: TableChange }
  | { readonly kind: "dropTable"; readonly name: string; readonly ifExists: boolean }
  | { readonly kind: "dropIndex"; readonly name: string; readonly ifExists: boolean }
  | { readonly kind: "createChangeStream"; readonly tables: readonly string[] }
  | { readonly kind: "setDatabaseOptions"; readonly versionRetentionMs: number | undefined };
