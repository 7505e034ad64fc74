import { assert } from "../assert.ts";
import { alignDown } from "../time.ts";

/** One kind of window. Slide equal to size is tumbling, smaller is hopping. Milliseconds of event time. */
export interface WindowShape {
  readonly sizeMs: number;
  readonly slideMs: number;
}

/** How event time is cut up, and how long a window may still be corrected. */
export interface WindowConfig {
  /**
   * Length of a slice, the smallest window: state is kept per (auction, slice), and every window is a
   * whole number of slices. Milliseconds, 1 s to 1 h. Default 10_000. Shorter slices allow finer
   * slides and detect sooner, at one row of segment statistics each.
   */
  readonly sliceMs: number;
  /** The windows counted at once; 1 to 8 shapes. Default: 1 min tumbling, 5 min by 1 min hopping. */
  readonly shapes: readonly WindowShape[];
  /**
   * How far behind the watermark the end of an event's slice may lie for the event still to correct its
   * windows; beyond, it goes to `late_events`. Milliseconds of event time, 0 to 1 h. Default 120_000.
   * One slice decides for all shapes, so that windows of every size agree on what was counted.
   * Source: Beam's allowed lateness.
   */
  readonly allowedLatenessMs: number;
  /**
   * The same for wins and for clicks, which correct statistics of segments only: they may be waited for
   * longer, since no window's row is held open by them. Default: as bids.
   */
  readonly allowedLatenessOfMs?: Readonly<Partial<Record<"win" | "click", number>>>;
  /**
   * How far the events of one ordering key may be out of order: the key's watermark trails its newest
   * event by this. Milliseconds, 0 to 10 min. Default 10_000. Raising it delays final results.
   */
  readonly allowedDisorderMs: number;
}

export const DEFAULT_WINDOW_CONFIG: WindowConfig = {
  sliceMs: 10_000,
  shapes: [
    { sizeMs: 60_000, slideMs: 60_000 },
    { sizeMs: 300_000, slideMs: 60_000 },
  ],
  allowedLatenessMs: 120_000,
  allowedDisorderMs: 10_000,
};

const SHAPES_MAX = 8;
const SLICES_PER_WINDOW_MAX = 1440;

/** Every fault of a window configuration, in words; empty where it is sound. */
export function faultsOfWindowConfig(config: WindowConfig): string[] {
  const { sliceMs, shapes, allowedLatenessMs, allowedDisorderMs } = config;
  return [
    ...outside("slice", sliceMs, 1000, 3_600_000),
    ...outside("allowed lateness", allowedLatenessMs, 0, 3_600_000),
    ...Object.entries(config.allowedLatenessOfMs ?? {}).flatMap(([type, latenessMs]) =>
      outside(`allowed lateness of a ${type}`, latenessMs, 0, 3_600_000),
    ),
    ...outside("allowed disorder", allowedDisorderMs, 0, 600_000),
    ...(shapes.length >= 1 && shapes.length <= SHAPES_MAX
      ? []
      : [`${shapes.length} windows: give 1 to ${SHAPES_MAX}`]),
    ...shapes.flatMap((shape) => faultsOfShape(shape, sliceMs)),
  ];
}

function faultsOfShape({ sizeMs, slideMs }: WindowShape, sliceMs: number): string[] {
  const name = `window of ${sizeMs} ms by ${slideMs} ms`;
  const faults: string[] = [];
  if (!(sizeMs > 0) || sizeMs % sliceMs !== 0) {
    faults.push(`${name}: its size is no multiple of the slice, ${sliceMs} ms`);
  }
  if (!(slideMs > 0) || slideMs % sliceMs !== 0) {
    faults.push(`${name}: its slide is no multiple of the slice, ${sliceMs} ms`);
  }
  if (slideMs > sizeMs) faults.push(`${name}: a slide longer than the size leaves gaps`);
  if (sizeMs / sliceMs > SLICES_PER_WINDOW_MAX) {
    faults.push(`${name}: more than ${SLICES_PER_WINDOW_MAX} slices; use longer slices`);
  }
  return faults;
}

function outside(name: string, value: number, min: number, max: number): string[] {
  const fits = Number.isInteger(value) && value >= min && value <= max;
  return fits ? [] : [`${name} of ${value} ms: give whole milliseconds from ${min} to ${max}`];
}

/** The starts of the windows of one shape that hold a slice, ascending. At least one, at most size / slide. */
export function windowStartsOf(shape: WindowShape, sliceStartMs: number): number[] {
  const { sizeMs, slideMs } = shape;
  const first = alignDown(sliceStartMs - sizeMs, slideMs) + slideMs;
  const starts: number[] = [];
  for (let start = first; start <= sliceStartMs; start += slideMs) starts.push(start);
  assert(starts.length > 0, "every slice lies in a window of every shape");
  return starts;
}
