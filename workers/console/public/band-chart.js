import uPlot from "/vendor/uPlot.esm.js";
import { colour, followSize, redraws } from "./charts.js";
import { formatMinute } from "./format.js";

/**
 * A line of counts with the band that was expected, and a flagged span behind both. `set` takes columns
 * (times in milliseconds) and the span.
 */
export function bandChart(place) {
  let span;
  const axis = {
    stroke: () => colour("--muted"),
    grid: { stroke: () => colour("--line"), width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
  };
  const line = (token, width) => ({
    stroke: () => colour(token),
    width,
    points: { show: false },
  });
  const edge = { stroke: "transparent", width: 0, points: { show: false } };
  const shade = (chart) => {
    if (span === undefined) return;
    const { ctx, bbox } = chart;
    const [from, to] = span.map((s) => chart.valToPos(s, "x", true));
    const left = Math.max(bbox.left, from);
    const right = Math.min(bbox.left + bbox.width, Math.max(to, from + 2));
    ctx.save();
    ctx.globalAlpha = 0.14;
    ctx.fillStyle = colour("--bad");
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.restore();
  };
  const chart = new uPlot(
    {
      width: place.clientWidth || 300,
      height: place.clientHeight || 190,
      legend: { show: false },
      cursor: { show: false },
      hooks: { drawClear: [shade] },
      scales: {
        x: { range: (_self, min, max) => [min, Math.max(max, span?.[1] ?? max)] },
        y: { range: (_self, _min, max) => [0, Math.max(5, (max ?? 0) * 1.08)] },
      },
      axes: [
        {
          ...axis,
          space: 70,
          size: 26,
          values: (_self, splits) => splits.map((s) => formatMinute(s * 1000)),
        },
        { ...axis, space: 32, size: 46 },
      ],
      series: [{}, edge, edge, { ...line("--muted", 1), dash: [4, 3] }, line("--accent", 1.5)],
      bands: [{ series: [1, 2], fill: () => `${colour("--muted")}38` }],
    },
    [[], [], [], [], []],
    place,
  );
  followSize(chart, place);
  const redraw = () => chart.redraw();
  redraws.add(redraw);
  return {
    set: ({ startsMs, high, low, expected, bids }, [startMs, endMs]) => {
      span = [startMs / 1000, endMs / 1000];
      chart.setData([startsMs.map((ms) => ms / 1000), high, low, expected, bids]);
    },
    destroy: () => {
      redraws.delete(redraw);
      chart.destroy();
    },
  };
}
