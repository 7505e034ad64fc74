import { localStack, readStackConfig } from "../../infra/config.ts";
import { choosePulumi } from "../../infra/deploy/pulumi-cli.ts";
import { readStack, readStackFile } from "../../infra/docs/record-stack.ts";
import type { StackSettings } from "../../infra/settings.ts";

/** The dev stack's settings with some of them set otherwise. */
function settings(changed: Readonly<Record<string, string>>): StackSettings {
  const file = readStackFile("dev").settings;
  return { get: (name) => changed[name] ?? file.get(name) };
}

function faultsOf(changed: Readonly<Record<string, string>>): string[] {
  try {
    readStackConfig("p", settings(changed));
    return [];
  } catch (error) {
    return error instanceof Error ? error.message.split("\n").slice(1) : [];
  }
}

test("both stacks' files are read without a fault, and prod is protected", () => {
  expect(readStack("dev")).toMatchObject({ regions: ["us"], deletionProtection: false });
  expect(readStack("prod")).toMatchObject({
    regions: ["us", "eu", "apac"],
    deletionProtection: true,
    ledgerInstanceConfig: "nam-eur-asia1",
  });
  expect(localStack("p").cloud).toBeUndefined();
});

test("every fault of a stack's settings is named at once, with what to give", () => {
  const faults = faultsOf({
    regions: "us,mars",
    countsProcessingUnits: "150",
    windowInstances: "9-2",
    ingestInstances: "0",
    alertEmails: "nobody",
    billingAccount: "mine",
    retentionDays: "8",
    imports: '[{"kind":"fax"},{"kind":"msk","name":"a-b-c"}]',
  });
  expect(faults).toEqual([
    'regions "us,mars": give some of us,eu,apac, comma-separated',
    "countsProcessingUnits 150: give 100 to 900 by hundreds, or thousands up to 100000",
    'retentionDays "8": give a whole number from 1 to 7',
    'windowInstances "9-2": give a number or MIN-MAX, up to 1000',
    'ingestInstances "0": give a number or MIN-MAX, up to 1000',
    'alertEmails has "nobody": give e-mail addresses, comma-separated',
    'billingAccount "mine": give XXXXXX-XXXXXX-XXXXXX',
    'imports[0].kind "fax": give one of confluent, msk, kinesis',
    expect.stringContaining('imports[1].clusterArn ""'),
    expect.stringContaining('imports[1].topic ""'),
    expect.stringContaining('imports[1].awsRoleArn ""'),
  ]);
});

test("a protected stack runs no image that could change under its name", () => {
  expect(faultsOf({ deletionProtection: "true" })).toEqual([
    expect.stringContaining("a protected stack runs an image by its digest"),
  ]);
});

test("the user's Pulumi is called first, npm's else, and where neither is to be had that is said", () => {
  const works = { failure: undefined };
  expect(choosePulumi((cli) => ({ cli, ...works }))).toEqual({ cli: ["pulumi"] });
  const onlyNpm = choosePulumi((cli) => ({
    cli,
    failure: cli[0] === "pulumi" ? "not on the PATH" : undefined,
  }));
  expect(onlyNpm).toMatchObject({ cli: ["npm", "exec", "--yes", "--", expect.anything()] });
  expect(choosePulumi((cli) => ({ cli, failure: "fetch failed" }))).toEqual({
    fault: expect.stringMatching(/cannot be had here:\n {2}pulumi: fetch failed\n.*\nInstall it/),
  });
});
