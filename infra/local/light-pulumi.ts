/**
 * Loaded before Pulumi's library, which takes a third of its time then: leaves out what turns functions into
 * text for dynamic providers (TypeScript's compiler, npm's package tree), of which the program has none, and
 * the stack that it keeps of each of its promises.
 */
import { registerHooks } from "node:module";

const unused = new Set(["typescript", "@npmcli/arborist"]);
/** What is loaded in their place: something that is there anyhow, and has no member of theirs. */
const STAND_IN = { url: "node:module", shortCircuit: true };

registerHooks({
  resolve: (specifier, context, next) =>
    unused.has(specifier) ? STAND_IN : next(specifier, context),
});
Error.stackTraceLimit = 0;
