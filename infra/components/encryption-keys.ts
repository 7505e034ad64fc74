import { CryptoKey, CryptoKeyIAMMember, KeyRing } from "@pulumi/gcp/kms/index.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import type { AgentName, Grant } from "../access/grant.ts";

export interface EncryptionKeysArgs {
  readonly project: string;
  /** The grants on keys: each names a location, and the agent that encrypts there. */
  readonly grants: readonly Grant[];
  readonly agents: Readonly<Record<AgentName, Output<string>>>;
  readonly after: readonly Resource[];
}

/** 90 days. Old versions stay, so what they encrypted is still read. */
const ROTATION = "7776000s";

/** One key a location, and the rights of Google's services to encrypt with it. */
export class EncryptionKeys extends ComponentResource {
  /** The rights: what is encrypted waits for them. */
  readonly usable: readonly Resource[];
  readonly #keys: ReadonlyMap<string, CryptoKey>;

  constructor(name: string, args: EncryptionKeysArgs, options: ComponentResourceOptions = {}) {
    super("rtb:project:EncryptionKeys", name, {}, options);
    const { project, grants, agents } = args;
    // A key that is gone takes with it all that it encrypted; Google never deletes a ring at all.
    const kept = { parent: this, protect: true };
    const onKeys = grants.flatMap(({ who, role, on }) =>
      on.kind === "key" && who.kind === "agent" ? [{ agent: who.agent, role, where: on.name }] : [],
    );
    this.#keys = new Map(
      [...new Set(onKeys.map(({ where }) => where))].map((location) => {
        const ringInputs = { name: "gavel", location, project };
        const ring = new KeyRing(`ring-${location}`, ringInputs, {
          ...kept,
          dependsOn: [...args.after],
        });
        const inputs = { name: "gavel", keyRing: ring.id, rotationPeriod: ROTATION };
        return [location, new CryptoKey(`key-${location}`, inputs, kept)];
      }),
    );
    this.usable = onKeys.map(
      ({ agent, role, where }) =>
        new CryptoKeyIAMMember(
          `${agent}-key-${where}`,
          { cryptoKeyId: this.#idIn(where), member: agents[agent], role },
          { parent: this },
        ),
    );
    this.registerOutputs();
  }

  /** `{ kmsKeyName }` of a location, or nothing where the stack has no key there. */
  in(location: string): { kmsKeyName?: Output<string> } {
    return this.#keys.has(location) ? { kmsKeyName: this.#idIn(location) } : {};
  }

  #idIn(location: string): Output<string> {
    const key = this.#keys.get(location);
    if (key === undefined) throw new RangeError(`there is no key in ${location}`);
    return key.id;
  }
}
