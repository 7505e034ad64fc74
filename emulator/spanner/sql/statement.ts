import type { Expression } from "../language/expression.ts";

/** One column of a SELECT list or of THEN RETURN; `*` where `expression` is undefined. */
export interface SelectItem {
  readonly expression: Expression | undefined;
  readonly alias: string | undefined;
}

export interface OrderItem {
  readonly expression: Expression;
  readonly descending: boolean;
}

/** A query of at most one table, without grouping: what is answered from the rows themselves. */
export interface SimpleSelect {
  readonly items: readonly SelectItem[];
  readonly table: string | undefined;
  readonly alias: string | undefined;
  readonly forceIndex: string | undefined;
  readonly where: Expression | undefined;
  readonly orderBy: readonly OrderItem[];
  readonly limit: Expression | undefined;
  readonly offset: Expression | undefined;
  readonly forUpdate: boolean;
}

export interface InsertStatement {
  readonly kind: "insert";
  readonly onExisting: "fail" | "ignore" | "update";
  readonly table: string;
  readonly columns: readonly string[];
  /** Rows of VALUES, undefined where DEFAULT stands; or a query. */
  readonly source: readonly (readonly (Expression | undefined)[])[] | SimpleSelect;
  readonly returning: readonly SelectItem[] | undefined;
}

export interface UpdateStatement {
  readonly kind: "update";
  readonly table: string;
  readonly alias: string | undefined;
  readonly assignments: readonly {
    readonly column: string;
    readonly value: Expression | undefined;
  }[];
  readonly where: Expression;
  readonly returning: readonly SelectItem[] | undefined;
}

export interface DeleteStatement {
  readonly kind: "delete";
  readonly table: string;
  readonly alias: string | undefined;
  readonly where: Expression;
  readonly returning: readonly SelectItem[] | undefined;
}

export type DmlStatement = InsertStatement | UpdateStatement | DeleteStatement;
