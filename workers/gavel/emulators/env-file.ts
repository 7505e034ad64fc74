/** A file that a shell sources: the emulators' addresses, and what Google's clients need beside them. */
export function envFileText(
  project: string,
  environment: Readonly<Record<string, string>>,
): string {
  const variables = {
    GOOGLE_CLOUD_PROJECT: project,
    // Keeps the clients from looking for credentials on the network.
    METADATA_SERVER_DETECTION: "none",
    ...environment,
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return `${lines.join("\n")}\n`;
}

function quoted(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
