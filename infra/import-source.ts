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

/** What each kind needs besides `kind` and `name`, and what it looks like. */
const fieldsOf: Readonly<Record<ImportSource["kind"], Readonly<Record<string, RegExp>>>> = {
  confluent: {
    bootstrapServer: /^[\w.-]+:\d+$/,
    clusterId: /^lkc-\w+$/,
    topic: WORD,
    identityPoolId: /^pool-\w+$/,
  },
  msk: { clusterArn: ARN, topic: WORD, awsRoleArn: ARN },
  kinesis: { streamArn: ARN, consumerArn: ARN, awsRoleArn: ARN },
};

/** Reads `imports`, a list of objects: `{kind: msk, name: exchange-a, clusterArn: …}`. */
export function readImportSources(settings: SettingsReader): readonly ImportSource[] {
  const text = settings.optional("imports") ?? "[]";
  let sources: unknown;
  try {
    sources = JSON.parse(text);
  } catch {
    settings.fault("imports: is no list of objects");
    return [];
  }
  if (!Array.isArray(sources)) {
    settings.fault("imports: is no list of objects");
    return [];
  }
  const read = sources.flatMap((source, index) => readSource(settings, source, index));
  if (new Set(read.map(({ name }) => name)).size < read.length) {
    settings.fault("imports: two sources have one name");
  }
  return read;
}

function readSource(settings: SettingsReader, source: unknown, index: number): ImportSource[] {
  const place = `imports[${index}]`;
  const fields = new Map(Object.entries(source ?? {}));
  const kinds = Object.keys(fieldsOf) as ImportSource["kind"][];
  const kind = kinds.find((each) => each === fields.get("kind"));
  if (kind === undefined) {
    settings.fault(`${place}.kind "${fields.get("kind")}": give one of ${kinds.join(", ")}`);
    return [];
  }
  const wanted = Object.entries({ name: /^[a-z][a-z0-9-]{2,40}$/, ...fieldsOf[kind] });
  const wrong = wanted.filter(([name, pattern]) => !pattern.test(String(fields.get(name) ?? "")));
  for (const [name, pattern] of wrong) {
    settings.fault(`${place}.${name} "${fields.get(name) ?? ""}": give what matches ${pattern}`);
  }
  // The fields of the kind were checked one by one above, by the table that spells the union's members.
  return wrong.length > 0 ? [] : [Object.fromEntries(fields) as unknown as ImportSource];
}
