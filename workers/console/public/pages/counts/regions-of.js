/** Regions in the order of every table and chart, with the colour that each has everywhere. */
export const regions = [
  { name: "us", token: "--us" },
  { name: "eu", token: "--eu" },
  { name: "apac", token: "--apac" },
];

export function tokenOf(region) {
  return regions.find(({ name }) => name === region)?.token ?? "--muted";
}
