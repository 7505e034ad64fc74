// Pulumi requires a pack through its own TypeScript compiler, which does not take this repository's
// imports; a module that is JavaScript reaches Node itself, which does.
void import("../policy-pack.ts");
