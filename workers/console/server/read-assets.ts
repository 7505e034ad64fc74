import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";

export interface Asset {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".js": "text/javascript; charset=utf-8",
};
const publicFolder = join(import.meta.dirname, "../public");
const uplotFolder = join(import.meta.dirname, "../../../node_modules/uplot/dist");
const uplotFiles: readonly string[] = ["uPlot.esm.js", "uPlot.min.css"];

/** Every file that the console serves, by path. Read once: what is not among them is not served. */
export function readAssets(): ReadonlyMap<string, Asset> {
  const ours = readdirSync(publicFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file): [string, Asset] => [
      `/${relative(publicFolder, file).split(sep).join("/")}`,
      readAsset(file),
    ]);
  const uplot = uplotFiles.map((name): [string, Asset] => [
    `/vendor/${name}`,
    readAsset(join(uplotFolder, name)),
  ]);
  return new Map([...ours, ...uplot]);
}

function readAsset(file: string): Asset {
  const bytes = readFileSync(file);
  const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  return { bytes, etag, type: types[extname(file)] ?? "application/octet-stream" };
}
