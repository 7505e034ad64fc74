import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import type { Compiled } from "../language/compiled.ts";
import type { VersionedStore } from "../storage/versioned-store.ts";
import type { KeyPart } from "../values/key-codec.ts";
import type { SpannerType } from "../values/type.ts";

/** An expression of the schema: as it was written, and ready to run. */
export interface SchemaExpression {
  readonly text: string;
  readonly compiled: Compiled;
}

export interface Column {
  name: string;
  /** Where its cell stands in a row; never given to another column, also after it was dropped. */
  readonly ordinal: number;
  type: SpannerType;
  /** Of STRING(n) and BYTES(n); undefined is MAX. */
  maxLength: number | undefined;
  notNull: boolean;
  default: SchemaExpression | undefined;
  generated: (SchemaExpression & { readonly stored: boolean }) | undefined;
  hidden: boolean;
  allowCommitTimestamp: boolean | undefined;
}

export interface Check {
  readonly name: string;
  /** False where the schema's author left the name out: it is not printed then. */
  readonly isNamed: boolean;
  readonly expression: SchemaExpression;
}

export interface ForeignKey {
  readonly name: string;
  readonly isNamed: boolean;
  readonly columns: readonly Column[];
  readonly referenced: Table;
  readonly referencedColumns: readonly Column[];
  readonly onDelete: "cascade" | "noAction";
}

export interface Index {
  readonly name: string;
  readonly table: Table;
  /** The indexed columns, then those of the primary key that are not among them; ordinals of an entry. */
  readonly entryKey: readonly KeyPart[];
  /** How many of `entryKey` were named in CREATE INDEX. */
  readonly indexedCount: number;
  /** The table's columns that an entry holds, in the entry's order: key columns, then stored ones. */
  readonly columns: readonly Column[];
  readonly storing: readonly Column[];
  readonly unique: boolean;
  readonly nullFiltered: boolean;
  readonly interleaveIn: string | undefined;
  readonly entries: VersionedStore;
}

export interface Parent {
  readonly table: Table;
  readonly enforced: boolean;
  onDelete: "cascade" | "noAction";
}

export interface Table {
  readonly name: string;
  readonly columns: Column[];
  nextOrdinal: number;
  readonly primaryKey: readonly KeyPart[];
  readonly parent: Parent | undefined;
  readonly children: Table[];
  readonly indexes: Index[];
  readonly checks: Check[];
  readonly foreignKeys: ForeignKey[];
  /** Foreign keys of other tables that point here. */
  readonly referencedBy: { readonly table: Table; readonly foreignKey: ForeignKey }[];
  rowDeletion: { readonly column: Column; readonly days: number } | undefined;
  readonly rows: VersionedStore;
}

/** The tables and indexes of one database. Names match in any case. */
export class Schema {
  readonly #tables = new Map<string, Table>();
  readonly #indexes = new Map<string, Index>();

  tables(): Table[] {
    return [...this.#tables.values()];
  }

  findTable(name: string): Table | undefined {
    return this.#tables.get(name.toLowerCase());
  }

  findIndex(name: string): Index | undefined {
    return this.#indexes.get(name.toLowerCase());
  }

  /** The table, or NOT_FOUND in the service's words. */
  table(name: string): Table {
    const table = this.findTable(name);
    if (table === undefined) throw new StatusError(status.NOT_FOUND, `Table not found: ${name}`);
    return table;
  }

  addTable(table: Table): void {
    this.#tables.set(table.name.toLowerCase(), table);
    table.parent?.table.children.push(table);
  }

  removeTable(table: Table): void {
    this.#tables.delete(table.name.toLowerCase());
    const siblings = table.parent?.table.children ?? [];
    siblings.splice(siblings.indexOf(table) >>> 0, 1);
    for (const { referenced } of table.foreignKeys) {
      const links = referenced.referencedBy;
      links.splice(0, links.length, ...links.filter((link) => link.table !== table));
    }
  }

  addIndex(index: Index): void {
    this.#indexes.set(index.name.toLowerCase(), index);
    index.table.indexes.push(index);
  }

  removeIndex(index: Index): void {
    this.#indexes.delete(index.name.toLowerCase());
    index.table.indexes.splice(index.table.indexes.indexOf(index) >>> 0, 1);
  }
}

export function findColumn(table: Table, name: string): Column | undefined {
  const exact = table.columns.find((column) => column.name === name);
  if (exact !== undefined) return exact;
  const lower = name.toLowerCase();
  return table.columns.find((column) => column.name.toLowerCase() === lower);
}

/** The column, or NOT_FOUND in the service's words. */
export function columnOf(table: Table, name: string): Column {
  const column = findColumn(table, name);
  if (column !== undefined) return column;
  throw new StatusError(status.NOT_FOUND, `Column not found in table ${table.name}: ${name}`);
}

export function isKeyColumn(table: Table, column: Column): boolean {
  return table.primaryKey.some((part) => part.ordinal === column.ordinal);
}
