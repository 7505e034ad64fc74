import { IAMCustomRole } from "@pulumi/gcp/projects/index.js";
import { Account } from "@pulumi/gcp/serviceaccount/index.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import { customRoles } from "../access/access-table.ts";
import { accountIdOf, type ProgramName, programs } from "../workers.ts";

/** One account a program, without keys, and the roles that Google has no narrow enough name for. */
export class WorkerAccounts extends ComponentResource {
  readonly #emails: ReadonlyMap<ProgramName, Output<string>>;
  /** Full names of our own roles by their ids. */
  readonly roles: ReadonlyMap<string, Output<string>>;

  constructor(
    name: string,
    args: {
      readonly project: string;
      /** The programs that the stack runs. */
      readonly programs: readonly ProgramName[];
      readonly after: readonly Resource[];
    },
    options: ComponentResourceOptions = {},
  ) {
    super("rtb:access:WorkerAccounts", name, {}, options);
    const own = { parent: this, dependsOn: [...args.after] };
    const { project } = args;
    const emailOf = (program: ProgramName): Output<string> => {
      const displayName = `Gavel ${program}: ${programs[program].does.toLowerCase()}`;
      const inputs = { accountId: accountIdOf(program), displayName, project };
      return new Account(`account-${program}`, inputs, own).email;
    };
    this.#emails = new Map(args.programs.map((program) => [program, emailOf(program)]));
    this.roles = new Map(
      Object.entries(customRoles).map(([roleId, permissions]) => {
        const inputs = { roleId, title: roleId, permissions: [...permissions], project };
        return [roleId, new IAMCustomRole(`role-${roleId}`, inputs, own).name];
      }),
    );
    this.registerOutputs();
  }

  emailOf(program: ProgramName): Output<string> {
    const email = this.#emails.get(program);
    if (email === undefined) throw new RangeError(`this stack does not run ${program}`);
    return email;
  }
}
