import { Config } from "@pulumi/pulumi";
import { readStackConfig } from "./config.ts";
import { declareGavel } from "./program.ts";

declareGavel(readStackConfig(new Config("gcp").require("project"), new Config("gavel")));
