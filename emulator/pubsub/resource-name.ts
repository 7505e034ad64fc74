import { invalidArgument } from "./refusal.ts";

export type Collection = "topics" | "subscriptions" | "snapshots" | "schemas";

const PROJECT = /^projects\/[^/]+$/;
const ID = /^[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/;

/** Refuses a name that the service would not give a resource. */
export function checkName(collection: Collection, name: string): void {
  const [projects, project = "", named, id = "", ...rest] = name.split("/");
  const hasForm = projects === "projects" && project !== "" && named === collection;
  if (!hasForm || rest.length > 0) {
    throw invalidArgument(
      `Invalid resource name given (name=${name}): expected projects/{project}/${collection}/{id}.`,
    );
  }
  if (!ID.test(id) || id.toLowerCase().startsWith("goog")) {
    throw invalidArgument(
      `Invalid resource name given (name=${name}): an id has 3 to 255 letters, digits or any of ` +
        `-._~+%, starts with a letter, and does not start with "goog".`,
    );
  }
}

export function checkProject(name: string): void {
  if (!PROJECT.test(name)) {
    throw invalidArgument(
      `Invalid project name given (name=${name}): expected projects/{project}.`,
    );
  }
}
