import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readmeSections, withSections } from "./readme-sections.ts";
import { readStack, recordStack } from "./record-stack.ts";

const path = join(import.meta.dirname, "../README.md");
const sections = readmeSections(await recordStack(readStack("prod")));
writeFileSync(path, withSections(readFileSync(path, "utf8"), sections));
