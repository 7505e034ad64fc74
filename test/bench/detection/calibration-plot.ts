import { ASKED } from "./measure-seed.ts";

const SIZE = 560;
const LEFT = 80;
const TOP = 50;
const PLOT = 430;
const LOW = 0.01;
const HIGH = 100;
/** Corners of the band within 1.5 times of what was asked. */
const BAND = [
  [LOW, LOW],
  [LOW, LOW * 1.5],
  [HIGH / 1.5, HIGH],
  [HIGH, HIGH],
  [HIGH, HIGH / 1.5],
  [LOW * 1.5, LOW],
] as const;

/** An SVG of asked-for against observed false alarms a segment and week, both axes logarithmic. */
export function calibrationPlot(
  observed: readonly { readonly pooled: number; readonly bySeed: readonly number[] }[],
  title: string,
): string {
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}" viewBox="0 0 ${SIZE} ${SIZE}" font-family="sans-serif" font-size="12">`,
    `<rect width="${SIZE}" height="${SIZE}" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="24" font-size="14">${title}</text>`,
    `<polygon points="${BAND.map(([across, up]) => `${x(across)},${y(up)}`).join(" ")}" fill="#dbe7f3"/>`,
    `<line x1="${x(LOW)}" y1="${y(LOW)}" x2="${x(HIGH)}" y2="${y(HIGH)}" stroke="#7a8ea3"/>`,
    ...[0.01, 0.1, 1, 10, 100].map(gridAt),
  ];
  for (const [index, asked] of ASKED.entries()) {
    const point = observed[index];
    if (point === undefined) continue;
    for (const rate of point.bySeed) {
      parts.push(`<circle cx="${x(asked)}" cy="${y(rate)}" r="2" fill="#d98b4a" opacity="0.5"/>`);
    }
    parts.push(`<circle cx="${x(asked)}" cy="${y(point.pooled)}" r="4" fill="#1f5fa8"/>`);
  }
  parts.push(
    `<text x="${LEFT + PLOT / 2}" y="${SIZE - 22}" text-anchor="middle">asked for, per segment and week</text>`,
    `<text transform="translate(20 ${TOP + PLOT / 2}) rotate(-90)" text-anchor="middle">observed, per segment and week</text>`,
    `<text x="${LEFT + 12}" y="${TOP + 18}">blue: all seeds, orange: each seed, band: within 1.5 times</text>`,
    "</svg>",
  );
  return `${parts.join("\n")}\n`;
}

function gridAt(value: number): string {
  return [
    `<line x1="${x(value)}" y1="${TOP}" x2="${x(value)}" y2="${TOP + PLOT}" stroke="#e3e3e3"/>`,
    `<line x1="${LEFT}" y1="${y(value)}" x2="${LEFT + PLOT}" y2="${y(value)}" stroke="#e3e3e3"/>`,
    `<text x="${x(value)}" y="${TOP + PLOT + 18}" text-anchor="middle">${value}</text>`,
    `<text x="${LEFT - 8}" y="${y(value) + 4}" text-anchor="end">${value}</text>`,
  ].join("\n");
}

function part(value: number): number {
  const share = Math.log(Math.max(value, LOW) / LOW) / Math.log(HIGH / LOW);
  return Math.min(1, Math.max(0, share));
}

function x(value: number): string {
  return (LEFT + PLOT * part(value)).toFixed(1);
}

function y(value: number): number {
  return Math.round(10 * (TOP + PLOT * (1 - part(value)))) / 10;
}
