import type { SettingsReader } from "./settings.ts";

/** A stream of an exchange elsewhere that Pub/Sub itself reads into a topic of its own. */
export type ImportSource =
  | {
      readonly kind: "confluent";
      readonly name: string;
      readonly bootstrapServer: string;
      readonly clusterId: string;
      readonly topic: string;
      readonly identityPoolId: string;
    }
  | {
      readonly kind: "msk";
      readonly name: string;
      readonly clusterArn: string;
      readonly topic: string;
      readonly awsRoleArn: string;
    }
  | {
      readonly kind: "kinesis";
      readonly name: string;
      readonly streamArn: string;
      readonly consumerArn: string;
      readonly awsRoleArn: string;
    };

const ARN = /^arn:aws[a-z-]*:[a-z]+:[a-z0-9-]*:\d{12}:\S+$/;
const WORD = /^\S+$/;
const NAME = /^[a-z][a-z0-9-]{2,40}$/;

/** Gives a field's text, and notes a fault where it does not match. */
type ReadText = (field: string, pattern: RegExp) => string;

/** What each kind needs, and what it looks like. */
const readers: {
  readonly [Kind in ImportSource["kind"]]: (text: ReadText) => ImportSource & { kind: Kind };
} = {
  confluent: (text) => ({
    kind: "confluent",
    name: text("name", NAME),
    bootstrapServer: text("bootstrapServer", /^[\w.-]+:\d+$/),
    clusterId: text("clusterId", /^lkc-\w+$/),
    topic: text("topic", WORD),
    identityPoolId: text("identityPoolId", /^pool-\w+$/),
  }),
  msk: (text) => ({
    kind: "msk",
    name: text("name", NAME),
    clusterArn: text("clusterArn", ARN),
    topic: text("topic", WORD),
    awsRoleArn: text("awsRoleArn", ARN),
  }),
  kinesis: (text) => ({
    kind: "kinesis",
    name: text("name", NAME),
    streamArn: text("streamArn", ARN),
    consumerArn: text("consumerArn", ARN),
    awsRoleArn: text("awsRoleArn", ARN),
  }),
};

/** Reads the setting `imports`, a JSON list of sources. Faults go to `settings`. */
export function readImportSources(settings: SettingsReader): readonly ImportSource[] {
  const sources = listIn(settings.optional("imports") ?? "[]");
  if (sources === undefined) {
    settings.fault('imports: give a list of objects, [{"kind": "msk", "name": "one", …}]');
    return [];
  }
  const read = sources.flatMap((source, index) => readSource(settings, source, index));
  if (new Set(read.map(({ name }) => name)).size < read.length) {
    settings.fault("imports: two sources have one name");
  }
  return read;
}

/** Undefined where the text is no JSON list. */
function listIn(text: string): readonly unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function readSource(settings: SettingsReader, source: unknown, index: number): ImportSource[] {
  const fields = new Map<string, unknown>(Object.entries(source ?? {}));
  const kinds = Object.keys(readers) as ImportSource["kind"][]; // The keys that the record is typed by.
  const kind = kinds.find((each) => each === fields.get("kind"));
  if (kind === undefined) {
    const given = fields.get("kind") ?? "";
    settings.fault(`imports[${index}].kind "${given}": give one of ${kinds.join(", ")}`);
    return [];
  }
  const text: ReadText = (field, pattern) => {
    const value = String(fields.get(field) ?? "");
    if (!pattern.test(value)) {
      settings.fault(`imports[${index}].${field} "${value}": give what matches ${pattern}`);
    }
    return value;
  };
  return [readers[kind](text)];
}
