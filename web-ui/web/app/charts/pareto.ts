import type { Candidate, Member } from '../api';
import { bare, bytes, count, escaped, percent } from '../format';
import type { ChartTheme } from './chart';

export type Cost = 'latency' | 'bytes' | 'macs' | 'parameters';
export type Quality = 'validationAccuracy' | 'testAccuracy';

/** What a Pareto plot shows; the chart is a function of this and the theme alone. */
export interface ParetoData {
  candidates: Candidate[];
  front: Member[];
  baselines: Member[];
  cost: Cost;
  quality: Quality;
  logarithmic: boolean;
  selected: ReadonlySet<string>;
}

const COSTS: Record<Cost, { name: string; write: (value: number) => string }> = {
  latency: { name: 'latency (ms)', write: (value) => `${bare(value)} ms` },
  bytes: { name: 'file size', write: bytes },
  macs: { name: 'multiply-accumulates', write: count },
  parameters: { name: 'parameters', write: count },
};

export function memberCost(member: Member, cost: Cost): number | undefined {
  return cost === 'latency' ? member.latencies[0]?.p50 : member[cost];
}

function candidateCost(candidate: Candidate, cost: Cost): number | undefined {
  switch (cost) {
    case 'latency': return candidate.predictedMillis;
    case 'macs': return candidate.macs;
    case 'parameters': return candidate.parameters;
    case 'bytes': return undefined;
  }
}

interface Point { value: [number, number]; id: string; text: string; itemStyle?: object; symbolSize?: number }

function point(x: number | undefined, y: number | undefined, id: string, text: string): Point[] {
  return x !== undefined && x > 0 && y !== undefined && y !== null
    ? [{ value: [x, 100 * y], id, text }] : [];
}

function candidatePoints(data: ParetoData, nonDominated: boolean): Point[] {
  if (data.quality === 'testAccuracy') return [];
  return data.candidates
    .filter((candidate) => candidate.nonDominated === nonDominated)
    .flatMap((candidate) => {
      const x = candidateCost(candidate, data.cost);
      const latency = `predicted ${bare(candidate.predictedMillis)} ms `
        + `(${bare(candidate.lowerMillis)}–${bare(candidate.upperMillis)})`;
      return point(x, candidate.validationAccuracy, `c${candidate.id}`,
        `<b>Candidate ${escaped(String(candidate.id))}</b>, generation ${candidate.generation}<br>`
        + `validation ${percent(candidate.validationAccuracy)} (supernet's weights)<br>${latency}<br>`
        + `${count(candidate.macs)} MACs, ${count(candidate.parameters)} parameters`);
    });
}

function memberPoints(data: ParetoData, members: Member[], precision: string): Point[] {
  return members
    .filter((member) => (member.precision === 'int8') === (precision === 'int8'))
    .flatMap((member) => {
      const latency = member.latencies[0];
      const text = `<b>${escaped(member.name ?? member.id)}</b> ${escaped(member.precision)}<br>`
        + `validation ${percent(member.validationAccuracy)}, test ${percent(member.testAccuracy)}<br>`
        + (latency ? `measured p50 ${bare(latency.p50)} ms, p90 ${bare(latency.p90)} ms<br>` : '')
        + (latency?.predicted !== undefined ? `predicted ${bare(latency.predicted)} ms<br>` : '')
        + `${bytes(member.bytes)}, ${count(member.macs)} MACs`;
      return point(memberCost(member, data.cost), member[data.quality], member.id, text)
        .map((p) => data.selected.has(member.id)
          ? { ...p, symbolSize: 20, itemStyle: { borderWidth: 4 } } : p);
    });
}

/** The corners of the best that was reached: no point has both less cost and more accuracy. */
export function staircase(points: Point[]): [number, number][] {
  const sorted = points.map((p) => p.value).sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  const best: [number, number][] = [];
  for (const value of sorted) {
    if (best.length === 0 || value[1] > best[best.length - 1][1]) best.push(value);
  }
  return best;
}

/** The chart library's description of the plot. */
export function paretoChart(data: ParetoData, theme: ChartTheme): object {
  const cost = COSTS[data.cost];
  const float32 = memberPoints(data, data.front, 'float32');
  const int8 = memberPoints(data, data.front, 'int8');
  const text = { color: theme.muted, fontFamily: theme.font };
  const axis = {
    nameTextStyle: text,
    axisLabel: { ...text, hideOverlap: true },
    axisLine: { lineStyle: { color: theme.line } },
    splitLine: { lineStyle: { color: theme.line, opacity: 0.6 } },
    scale: true,
  };
  const scatter = (name: string, points: Point[], style: object) =>
    ({ type: 'scatter', name, data: points, animation: false, ...style });
  const line = (name: string, points: [number, number][], colour: string, dashed: boolean) => ({
    type: 'line', name, data: points, step: 'end', symbol: 'none', silent: true, animation: false,
    lineStyle: { color: colour, width: dashed ? 1.5 : 2, type: dashed ? 'dashed' : 'solid', opacity: dashed ? 0.8 : 0.55 },
    itemStyle: { color: colour }, z: 2,
  });
  const hollow = (colour: string) => ({ itemStyle: { color: theme.surface, borderColor: colour, borderWidth: 2 } });
  const cloudBest = candidatePoints(data, true);
  const series = [
    scatter('candidates (predicted)', candidatePoints(data, false), {
      symbolSize: data.candidates.length > 3000 ? 3 : 5, itemStyle: { color: theme.cloud, opacity: 0.4 },
    }),
    scatter('best candidates (predicted)', cloudBest, {
      symbolSize: 7, itemStyle: { color: theme.cloud, opacity: 0.95 },
    }),
    line('best candidates (predicted)', staircase(cloudBest), theme.cloud, true),
    scatter('baseline float32', memberPoints(data, data.baselines, 'float32'), {
      symbol: 'triangle', symbolSize: 12, z: 3, ...hollow(theme.baseline),
    }),
    scatter('baseline int8', memberPoints(data, data.baselines, 'int8'), {
      symbol: 'rect', symbolSize: 10, z: 3, ...hollow(theme.baseline),
    }),
    line('front', staircase([...float32, ...int8]), theme.text, false),
    scatter('float32', float32, {
      symbol: 'circle', symbolSize: 13, z: 5,
      itemStyle: { color: theme.float32, borderColor: theme.surface, borderWidth: 1.5 },
    }),
    scatter('int8', int8, {
      symbol: 'diamond', symbolSize: 15, z: 5,
      itemStyle: { color: theme.int8, borderColor: theme.surface, borderWidth: 1.5 },
    }),
  ].filter((one) => (one.data as unknown[]).length > 0);
  return {
    textStyle: { fontFamily: theme.font },
    grid: { left: 12, right: 24, top: theme.narrow ? 130 : 64, bottom: 40, containLabel: true },
    legend: {
      top: 0, left: 0, itemGap: 14, itemWidth: 14, itemHeight: 12, textStyle: { color: theme.text, fontSize: 12.5 },
      data: [...new Set(series.map((one) => one.name as string))].filter((name) => name !== 'front'),
    },
    tooltip: {
      trigger: 'item', confine: true, backgroundColor: theme.surface, borderColor: theme.line,
      textStyle: { color: theme.text, fontSize: 13 },
      formatter: (hit: { data: Point }) => hit.data.text ?? '',
    },
    xAxis: {
      ...axis, type: data.logarithmic ? 'log' : 'value', name: cost.name, nameLocation: 'middle', nameGap: 32,
      axisLabel: { ...axis.axisLabel, formatter: (value: number) => data.cost === 'latency' ? trimmed(value) : count(value) },
    },
    yAxis: {
      ...axis, type: 'value', name: `${data.quality === 'testAccuracy' ? 'test' : 'validation'} accuracy (%)`,
      nameTextStyle: { ...text, align: 'left' }, nameGap: 12,
    },
    dataZoom: [{ type: 'inside', xAxisIndex: 0, filterMode: 'none', zoomOnMouseWheel: 'ctrl' }, { type: 'inside', yAxisIndex: 0, filterMode: 'none', zoomOnMouseWheel: 'ctrl' }],
    series,
  };
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)));
}
