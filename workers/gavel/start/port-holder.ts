import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

const COMMAND_SHOWN_MAX = 60;
/** The state of a listening socket in /proc/net/tcp. */
const LISTENING = "0A";

/** Who listens on a port of this machine, e.g. `node server.js (pid 4711)`; undefined where /proc does not say. */
export function holderOf(port: number): string | undefined {
  const inode = unlessGone(() => inodeOf(port));
  if (inode === undefined) return undefined;
  const pid = readdirSync("/proc").find((entry) => /^\d+$/.test(entry) && holds(entry, inode));
  const command = unlessGone(() => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
  if (command === undefined) return undefined;
  const [program = "", ...args] = command.split("\0");
  const name = [basename(program), ...args].join(" ").trim().slice(0, COMMAND_SHOWN_MAX);
  return `${name} (pid ${pid})`;
}

function inodeOf(port: number): string | undefined {
  const hexadecimal = port.toString(16).toUpperCase().padStart(4, "0");
  return ["/proc/net/tcp", "/proc/net/tcp6"]
    .flatMap((table) => readFileSync(table, "utf8").split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .find(([, at = "", , state]) => state === LISTENING && at.endsWith(`:${hexadecimal}`))?.[9];
}

/** Whether a process has the socket open; of other users' processes it cannot be told. */
function holds(pid: string, inode: string): boolean {
  const folder = `/proc/${pid}/fd`;
  const open = unlessGone(() => readdirSync(folder)) ?? [];
  return open.some(
    (fd) => unlessGone(() => readlinkSync(`${folder}/${fd}`)) === `socket:[${inode}]`,
  );
}

/** What /proc shows, or undefined where it is not there, not ours to see, or gone since. */
function unlessGone<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
