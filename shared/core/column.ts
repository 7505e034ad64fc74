/** A column of numbers. */
export type Column = Uint8Array | Uint32Array | Float64Array;

/** The same column with room for more: what stands in it is copied, the rest is 0. */
export function lengthened<T extends Column>(column: T, length: number): T {
  const Longer = column.constructor as new (length: number) => T;
  const longer = new Longer(length);
  longer.set(column);
  return longer;
}
