/**
 * Loaded before the entry point of a local process (`node --import`): loads the libraries that take
 * longest while other processes still start, then waits for the variables that only those know.
 */
import { once } from "node:events";
import { env } from "node:process";
import { Env } from "../../../shared/io/env.ts";

/** Libraries may listen for SIGTERM and so keep it from ending a process that never got to its entry point. */
const end = () => process.exit();
process.on("SIGTERM", end);
const libraries = new Env(env).optional("GAVEL_PRELOAD")?.split(",") ?? [];
const go = once(process, "message");
await Promise.all(libraries.map((name) => import(name)));
const [variables] = await go;
process.off("SIGTERM", end);
Object.assign(env, variables);
