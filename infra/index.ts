import { Config } from "@pulumi/pulumi";
import { readStackConfig } from "./config.ts";
import { declareGavel } from "./program.ts";

/** What `pulumi stack output` shows. */
export const gavel = await declareGavel(
  readStackConfig(new Config("gcp").require("project"), new Config("gavel")),
);
