/** A broken promise of our own code. Never caught on purpose: the process ends and is started again. */
export class AssertionFailed extends Error {
  override readonly name = "AssertionFailed";
}

/** Holds an invariant of the program, in production too. Throws {@link AssertionFailed}. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new AssertionFailed(invariant);
}

/** Marks a branch that the types rule out; the compiler refuses the call where a case is missing. */
export function unreachable(value: never): never {
  throw new AssertionFailed(`no case for ${String(value)}`);
}
