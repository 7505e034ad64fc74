import { SegmentNames } from "../../../../../shared/core/segment/segment-names.ts";

/** Events of so many segments, an event each, that note which names they are asked for. */
function segmentsOf(count: number, asked: number[]) {
  const low = Uint32Array.from({ length: count }, (_, row) => Math.imul(row + 1, 0x9e_37_79_b1));
  return {
    segment: { high: new Uint32Array(count).fill(0xff_ff_ff_ff), low },
    segmentName: (row: number) => {
      asked.push(row);
      return `segment-${row}`;
    },
  };
}

test.each([
  { count: 8192, times: 1 },
  { count: 8193, times: 2 },
])("names of $count segments are asked for $times times in two bundles", ({ count, times }) => {
  const asked: number[] = [];
  const segments = segmentsOf(count, asked);
  const names = new SegmentNames();
  for (let bundle = 0; bundle < 2; bundle++) {
    const numbers = Array.from({ length: count }, (_, row) => names.numberOf(segments, row));
    expect(numbers.filter((number, row) => names.nameOf(number) !== `segment-${row}`)).toEqual([]);
    names.trim();
  }
  expect(asked.length).toBe(count * times);
});
