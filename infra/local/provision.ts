import "./light-pulumi.ts";
import { runtime } from "@pulumi/pulumi";
import { localStack } from "../config.ts";
import { declareGavel } from "../program.ts";
import { cloudOnlyKinds } from "./cloud-only.ts";
import {
  type Creators,
  createCreators,
  type EmulatedKind,
  type EmulatorAddresses,
} from "./emulated-resources.ts";

/**
 * Runs the program that `pulumi up` runs, under Pulumi's mocks, whose resources are created in the
 * emulators: one declaration for the cloud and the laptop. Creating what exists is fine.
 */
export async function provisionEmulators(addresses: EmulatorAddresses): Promise<void> {
  const creators = createCreators(addresses);
  await runtime.setMocks(
    {
      newResource: async ({ type, name, inputs }) => {
        if (isEmulated(creators, type)) {
          return { id: await create(creators, type, inputs), state: inputs };
        }
        if (/^(rtb|pulumi):/.test(type) || type in cloudOnlyKinds)
          return { id: name, state: inputs };
        throw new Error(`${type} is neither emulated nor listed as cloud-only`);
      },
      call: ({ inputs }) => inputs,
    },
    "gavel",
    "local",
  );
  await declareGavel(localStack(addresses.project));
  await runtime.disconnect();
}

function isEmulated(creators: Creators, type: string): type is EmulatedKind {
  return type in creators;
}

function create(creators: Creators, kind: EmulatedKind, inputs: unknown): Promise<string> {
  // Pulumi types every resource's inputs alike; a kind's creator takes what its declaration gives.
  const creator = creators[kind] as (inputs: unknown) => Promise<string>;
  return creator(inputs);
}
