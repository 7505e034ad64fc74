/**
 * Loaded before Pulumi's library: leaves out what turns functions into text for dynamic providers, TypeScript's
 * compiler and npm's package tree. The program has no such provider, and they are two thirds of the time that
 * the library takes to load.
 */
import { registerHooks } from "node:module";

const unused = new Set(["typescript", "@npmcli/arborist"]);
/** What is loaded in their place: something that is there anyhow, and has no member of theirs. */
const STAND_IN = { url: "node:module", shortCircuit: true };

registerHooks({
  resolve: (specifier, context, next) =>
    unused.has(specifier) ? STAND_IN : next(specifier, context),
});
