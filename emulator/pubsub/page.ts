import { invalidArgument } from "./refusal.ts";

export interface PageRequest {
  readonly pageSize?: number;
  readonly pageToken?: string;
}

const PAGE_SIZE_MAX = 1000;
const PAGE_SIZE_DEFAULT = 100;

/** One page of a list in the order of its names. A token is the last name shown, so it survives changes. */
export function pageOf<Item>(
  items: Iterable<Item>,
  nameOf: (item: Item) => string,
  request: PageRequest,
): { items: Item[]; nextPageToken: string } {
  const { pageSize = 0, pageToken = "" } = request;
  if (pageSize < 0) throw invalidArgument(`The page_size is ${pageSize}; it must not be negative.`);
  const after = Buffer.from(pageToken, "base64url").toString("utf8");
  if (pageToken !== "" && !after.includes("/")) {
    throw invalidArgument(`The page_token ${pageToken} is not one that a list call returned.`);
  }
  const size = Math.min(pageSize === 0 ? PAGE_SIZE_DEFAULT : pageSize, PAGE_SIZE_MAX);
  const sorted = [...items]
    .filter((item) => nameOf(item) > after)
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const page = sorted.slice(0, size);
  const last = page.at(-1);
  const isLast = last === undefined || sorted.length <= size;
  return {
    items: page,
    nextPageToken: isLast ? "" : Buffer.from(nameOf(last)).toString("base64url"),
  };
}
