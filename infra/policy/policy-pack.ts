import { PolicyPack } from "@pulumi/policy";
import { Config, getStack } from "@pulumi/pulumi";
import { readStackConfig } from "../config.ts";
import { AllowedGrants } from "./allowed-grants.ts";
import { rules } from "./rules.ts";

const config = readStackConfig(new Config("gcp").require("project"), new Config("gavel"));
const facts = { isProduction: getStack() !== "dev", allowed: new AllowedGrants(config) };

new PolicyPack("gavel", {
  enforcementLevel: "mandatory",
  policies: rules.map(({ name, description, faultsOf }) => ({
    name,
    description,
    validateResource: (resource, report) => {
      for (const fault of faultsOf(resource, facts)) report(fault);
    },
  })),
});
