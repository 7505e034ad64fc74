/**
 * Loaded before Pulumi's library, which takes a quarter of its time then: leaves out what turns functions into
 * text for dynamic providers (TypeScript's compiler, npm's package tree) and what runs Pulumi's command line,
 * neither of which the program uses, and the stack that is kept of each of its promises.
 */
import { registerHooks } from "node:module";

const unused = new Set([
  "typescript",
  "@npmcli/arborist",
  "normalize-package-data",
  // Of the library's own index.
  "./automation",
]);
/** What is loaded in their place: something that is there anyhow, and has no member of theirs. */
const STAND_IN = { url: "node:module", shortCircuit: true };

registerHooks({
  resolve: (specifier, context, next) =>
    unused.has(specifier) ? STAND_IN : next(specifier, context),
});
Error.stackTraceLimit = 0;
