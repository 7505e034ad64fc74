import { compile, type Scope } from "../language/compile.ts";
import { type Compiled, constant } from "../language/compiled.ts";
import type { Expression } from "../language/expression.ts";
import type { Index, Table } from "../schema/schema.ts";
import type { KeySpan } from "../transactions/key-set.ts";
import { type Cell, readCell } from "../values/cell.ts";
import { ALL_KEYS, after, encodeKey, type KeyPart } from "../values/key-codec.ts";

/** Where to look for a query's rows: spans of the table's keys, or of an index's. */
export interface AccessPath {
  readonly index: Index | undefined;
  readonly spans: readonly KeySpan[];
}

/** More keys than these from IN lists are not worth looking up one by one. */
const MAX_POINTS = 10_000;

/**
 * The narrowest way to the rows that `where` can hold for: the primary key where its first column is
 * bound, else an index whose first column is, else the whole table.
 */
export function choosePath(
  table: Table,
  where: Expression | undefined,
  scope: Scope,
  forced: Index | undefined,
): AccessPath {
  const bounds = boundsOf(where, scope);
  if (forced !== undefined) {
    return { index: forced, spans: indexSpans(forced, bounds) ?? [ALL_KEYS] };
  }
  const spans = spansOf(table.primaryKey, table.primaryKey, bounds);
  if (spans !== undefined) return { index: undefined, spans };
  for (const index of table.indexes) {
    const found = indexSpans(index, bounds);
    if (found !== undefined) return { index, spans: found };
  }
  return { index: undefined, spans: [ALL_KEYS] };
}

/** What the conjuncts of a WHERE say about one column, by the column's ordinal. */
interface Bounds {
  equal?: readonly Cell[];
  from?: { readonly cell: Cell; readonly closed: boolean };
  to?: { readonly cell: Cell; readonly closed: boolean };
}

function boundsOf(where: Expression | undefined, scope: Scope): Map<number, Bounds> {
  const bounds = new Map<number, Bounds>();
  for (const conjunct of conjuncts(where)) addBound(conjunct, scope, bounds);
  return bounds;
}

function conjuncts(where: Expression | undefined): Expression[] {
  if (where === undefined) return [];
  if (where.kind !== "binary" || where.operator !== "AND") return [where];
  return [...conjuncts(where.left), ...conjuncts(where.right)];
}

const MIRRORED: Readonly<Record<string, string>> = {
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
  "=": "=",
};

function addBound(conjunct: Expression, scope: Scope, bounds: Map<number, Bounds>): void {
  if (conjunct.kind === "inList" && !conjunct.negated) {
    const values = conjunct.list.map((item) => compile(item, scope));
    if (values.every(({ isConstant }) => isConstant))
      addEqual(conjunct.operand, values, scope, bounds);
    return;
  }
  if (conjunct.kind === "inArray" && !conjunct.negated) {
    const array = compile(conjunct.array, scope);
    const cells = array.isConstant ? array.run([], { nowMicros: 0 }) : null;
    if (!Array.isArray(cells)) return;
    const values = cells.map((cell) => constant(array.type?.element, cell));
    addEqual(conjunct.operand, values, scope, bounds);
    return;
  }
  if (conjunct.kind !== "binary" || MIRRORED[conjunct.operator] === undefined) return;
  const { operator, left, right } = conjunct;
  if (left.kind === "name") addComparison(operator, left, compile(right, scope), { scope, bounds });
  else if (right.kind === "name") {
    addComparison(MIRRORED[operator] ?? "", right, compile(left, scope), { scope, bounds });
  }
}

function addEqual(
  operand: Expression,
  values: readonly Compiled[],
  scope: Scope,
  bounds: Map<number, Bounds>,
): void {
  if (operand.kind !== "name") return;
  const { ordinal, type } = scope.column(operand.path);
  const cells: Cell[] = [];
  for (const value of values) {
    const cell = value.run([], { nowMicros: 0 });
    const own = value.type === undefined || cell === null ? null : readCell(type, cell);
    if (own === undefined) return;
    if (own !== null) cells.push(own);
  }
  boundOf(bounds, ordinal).equal ??= cells;
}

function addComparison(
  operator: string,
  name: Extract<Expression, { kind: "name" }>,
  value: Compiled,
  { scope, bounds }: { scope: Scope; bounds: Map<number, Bounds> },
): void {
  if (!value.isConstant) return;
  if (operator === "=") {
    addEqual(name, [value], scope, bounds);
    return;
  }
  const { ordinal, type } = scope.column(name.path);
  const cell = readCell(type, value.run([], { nowMicros: 0 }));
  if (cell === undefined || cell === null) return;
  const bound = boundOf(bounds, ordinal);
  const closed = operator.endsWith("=");
  if (operator.startsWith(">")) bound.from ??= { cell, closed };
  else bound.to ??= { cell, closed };
}

function boundOf(bounds: Map<number, Bounds>, ordinal: number): Bounds {
  const existing = bounds.get(ordinal);
  if (existing !== undefined) return existing;
  const fresh: Bounds = {};
  bounds.set(ordinal, fresh);
  return fresh;
}

function indexSpans(index: Index, bounds: ReadonlyMap<number, Bounds>): KeySpan[] | undefined {
  const inTable = index.entryKey.map((part) => ({
    ...part,
    ordinal: index.columns[part.ordinal]?.ordinal ?? -1,
  }));
  return spansOf(index.entryKey, inTable, bounds);
}

/** Spans of a key whose leading parts are bound; undefined where the first is not. */
function spansOf(
  parts: readonly KeyPart[],
  inTable: readonly KeyPart[],
  bounds: ReadonlyMap<number, Bounds>,
): KeySpan[] | undefined {
  if (parts.length === 0) return undefined;
  let prefixes = [""];
  let position = 0;
  for (; position < parts.length; position++) {
    const part = parts[position];
    const equal = bounds.get(inTable[position]?.ordinal ?? -1)?.equal;
    if (part === undefined || equal === undefined) break;
    if (prefixes.length * equal.length > MAX_POINTS) break;
    prefixes = prefixes.flatMap((prefix) =>
      equal.map((cell) => prefix + encodeKey([part], [cell])),
    );
  }
  const next = parts[position];
  const range = bounds.get(inTable[position]?.ordinal ?? -1);
  if (next === undefined) return [...new Set(prefixes)].sort();
  if (range?.from === undefined && range?.to === undefined) {
    if (position === 0) return undefined;
    return [...new Set(prefixes)].sort().map((from) => ({ from, to: after(from) }));
  }
  return [...new Set(prefixes)].sort().map((prefix) => rangeSpan(prefix, next, range));
}

function rangeSpan(prefix: string, part: KeyPart, bounds: Bounds): KeySpan {
  const low = part.descending ? bounds.to : bounds.from;
  const high = part.descending ? bounds.from : bounds.to;
  let from = prefix;
  let to = after(prefix);
  if (low !== undefined) {
    const key = prefix + encodeKey([part], [low.cell]);
    from = low.closed ? key : after(key);
  }
  if (high !== undefined) {
    const key = prefix + encodeKey([part], [high.cell]);
    to = high.closed ? after(key) : key;
  }
  return { from, to };
}
