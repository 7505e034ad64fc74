import type { Cell } from "../values/cell.ts";

/** A key range as clients send it: keys may be prefixes, an absent bound is none. */
export interface KeyRangeBounds {
  readonly start: readonly Cell[];
  readonly startClosed: boolean;
  readonly end: readonly Cell[];
  readonly endClosed: boolean;
}

export interface KeySet {
  readonly keys: readonly (readonly Cell[])[];
  readonly ranges: readonly KeyRangeBounds[];
  readonly all: boolean;
}

export type WriteKind = "insert" | "update" | "insertOrUpdate" | "replace";

/** Rows as they came over the wire: cells are not yet checked against the columns. */
export interface WriteMutation {
  readonly kind: WriteKind;
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface DeleteMutation {
  readonly kind: "delete";
  readonly table: string;
  readonly keySet: KeySet;
}

export type Mutation = WriteMutation | DeleteMutation;
