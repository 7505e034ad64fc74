/** A key that signs a source's requests. */
export interface SourceKey {
  readonly source: string;
  readonly secret: string;
}

/** Keys by their id. */
export type SourceKeys = ReadonlyMap<string, SourceKey>;

/** Two, so that a source can change its key without a gap. */
const KEYS_PER_SOURCE_MAX = 2;
const SECRET_LENGTH_MIN = 32;
const NAME = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * Reads the keys of all sources from JSON, `{"<source>": {"<key id>": "<secret>"}}`, as Secret Manager
 * holds them. Faults go to `onFault`, one sentence each; no sentence shows a secret.
 */
export function readSourceKeys(json: string, onFault: (sentence: string) => void): SourceKeys {
  const keys = new Map<string, SourceKey>();
  for (const [source, ofSource] of Object.entries(readObject(json, onFault))) {
    for (const [keyId, secret] of readSource(source, ofSource, onFault)) {
      const fault = keys.has(keyId) ? "is given twice" : faultOfKey(keyId, secret);
      if (fault === undefined) keys.set(keyId, { source, secret: String(secret) });
      else onFault(`key "${keyId}" ${fault}`);
    }
  }
  if (keys.size === 0) onFault("there is no key: nobody could send");
  return keys;
}

function readSource(
  source: string,
  keys: unknown,
  onFault: (sentence: string) => void,
): [string, unknown][] {
  if (!NAME.test(source)) onFault(`source "${source}": use letters, digits, . _ -`);
  const entries = isObject(keys) ? Object.entries(keys) : [];
  if (entries.length < 1 || entries.length > KEYS_PER_SOURCE_MAX) {
    onFault(`source "${source}" has ${entries.length} keys: give 1 or 2, by their ids`);
  }
  return entries;
}

function faultOfKey(keyId: string, secret: unknown): string | undefined {
  if (!NAME.test(keyId)) return "has a bad id: use letters, digits, . _ -";
  if (typeof secret === "string" && secret.length >= SECRET_LENGTH_MIN) return undefined;
  return `has a secret of less than ${SECRET_LENGTH_MIN} characters`;
}

function readObject(json: string, onFault: (sentence: string) => void): object {
  try {
    const parsed: unknown = JSON.parse(json);
    if (isObject(parsed)) return parsed;
  } catch {
    // The parser's message would show what stands there, which is secret.
  }
  onFault('keys are no JSON object: write {"<source>": {"<key id>": "<secret>"}}');
  return {};
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
