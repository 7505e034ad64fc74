import { spawnSync } from "node:child_process";

/** The npm package that brings the command line by downloading it when it is first run. */
export const PULUMI_PACKAGE = "pulumi@3.265.0";

/** A way to call Pulumi: the words before its arguments. */
export type PulumiCli = readonly [command: string, ...words: string[]];

export interface Attempt {
  readonly cli: PulumiCli;
  /** What it printed where it failed; undefined where it works. */
  readonly failure: string | undefined;
}

/** Runs `<cli> version`. */
export function attempt(cli: PulumiCli): Attempt {
  const [command, ...words] = cli;
  const { status, error, stdout, stderr } = spawnSync(command, [...words, "version"], {
    encoding: "utf8",
  });
  if (status === 0) return { cli, failure: undefined };
  const isMissing = error !== undefined && "code" in error && error.code === "ENOENT";
  const said = error?.message ?? `${stdout}${stderr}`.trim();
  return { cli, failure: isMissing ? "not on the PATH" : said };
}

/** The user's own Pulumi, or else npm's. */
export const candidates: readonly PulumiCli[] = [
  ["pulumi"],
  ["npm", "exec", "--yes", "--", PULUMI_PACKAGE],
];

/** The first that works, or what to tell the user where none does. */
export function choosePulumi(
  tryCli: (cli: PulumiCli) => Attempt,
): { readonly cli: PulumiCli } | { readonly fault: string } {
  const failures: string[] = [];
  for (const candidate of candidates) {
    const { cli, failure } = tryCli(candidate);
    if (failure === undefined) return { cli };
    failures.push(`  ${cli.join(" ")}: ${failure.split("\n").at(-1)}`);
  }
  const mend = "Install it (https://www.pulumi.com/docs/install/), then run this again.";
  return { fault: ["Pulumi's command line cannot be had here:", ...failures, mend].join("\n") };
}
