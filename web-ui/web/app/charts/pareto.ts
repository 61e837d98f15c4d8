import type { Candidate, Figure, Member } from '../api';
import { bare, count, escaped } from '../format';
import { deviceOf, figuresOf, formLook, formOf, isMaximized, isShare, metricTitle, metricUnit, written } from '../metrics';
import type { ChartTheme } from './chart';

/** What a Pareto plot shows; the chart is a function of this and the theme alone. */
export interface ParetoData {
  candidates: Candidate[];
  front: Member[];
  baselines: Member[];
  /** The metric across, and the one upwards. */
  across: string;
  upwards: string;
  /** How many objectives the search had: with more than two, the best of all need not be best in these two. */
  objectives: number;
  logarithmic: boolean;
  selected: ReadonlySet<string>;
}

interface Point { value: [number, number]; id: string; text: string; bounds: [Figure, Figure]; itemStyle?: object; symbolSize?: number }

function scaled(metric: string, value: number): number {
  return isShare(metric) ? 100 * value : value;
}

function point(data: ParetoData, network: Member | Candidate, id: string, title: string): Point[] {
  const figures = figuresOf(network);
  const [x, y] = [figures[data.across], figures[data.upwards]];
  if (x === undefined || y === undefined || (data.logarithmic && x.value <= 0)) return [];
  const lines = Object.entries(figures).map(([metric, figure]) => {
    const device = deviceOf(metric);
    const interval = figure.lower < figure.upper ? ` (${bare(scaled(metric, figure.lower))}–${bare(scaled(metric, figure.upper))})` : '';
    return `${escaped(metricTitle(metric))}${device ? ` on ${escaped(device)}` : ''}: ${written(metric, figure.value)}${interval}`
      + `${figure.source === 'measured' ? '' : `, ${figure.source}`}`;
  });
  return [{
    value: [scaled(data.across, x.value), scaled(data.upwards, y.value)], id, bounds: [x, y],
    text: `<b>${title}</b><br>${lines.join('<br>')}`,
  }];
}

function candidatePoints(data: ParetoData, nonDominated: boolean): Point[] {
  return data.candidates
    .filter((candidate) => candidate.nonDominated === nonDominated)
    .flatMap((candidate) => point(data, candidate, `c${candidate.id}`,
      `Candidate ${escaped(String(candidate.id))}, generation ${candidate.generation}`));
}

function memberPoints(data: ParetoData, members: Member[], form: string): Point[] {
  return members
    .filter((member) => formOf(member) === form)
    .flatMap((member) => point(data, member, member.id, `${escaped(member.name ?? member.id)} ${escaped(form)}`))
    .map((p) => data.selected.has(p.id) ? { ...p, symbolSize: 20, itemStyle: { borderWidth: 4 } } : p);
}

/** The corners of the best that was reached in two metrics: no point is better in both. */
export function staircase(points: { value: [number, number] }[], moreUpwards = true, moreAcross = false): [number, number][] {
  const [sx, sy] = [moreAcross ? -1 : 1, moreUpwards ? 1 : -1];
  const sorted = points.map((p) => p.value).sort((a, b) => sx * (a[0] - b[0]) || sy * (b[1] - a[1]));
  const best: [number, number][] = [];
  for (const value of sorted) {
    if (best.length === 0 || sy * value[1] > sy * best[best.length - 1][1]) best.push(value);
  }
  return best;
}

/** The bars of the intervals of points, as a custom series. */
function bars(points: Point[], data: ParetoData, colour: string): object[] {
  const wide = points.filter((p) => p.bounds.some((figure) => figure.lower < figure.upper));
  if (wide.length === 0 || wide.length > 60) return [];
  const lines = wide.flatMap((p) => {
    const [x, y] = p.bounds;
    return [[scaled(data.across, x.lower), p.value[1]], [scaled(data.across, x.upper), p.value[1]], ['-', '-'],
      [p.value[0], scaled(data.upwards, y.lower)], [p.value[0], scaled(data.upwards, y.upper)], ['-', '-']];
  });
  return [{ type: 'line', name: 'interval', data: lines, symbol: 'none', silent: true, animation: false,
    lineStyle: { color: colour, width: 1, opacity: 0.35 }, itemStyle: { color: colour } }];
}

/**
 * The range that an axis shows: without the few that lie far out, so that the others are not pressed
 * flat. Members of the front are always inside.
 */
function range(values: number[], always: number[]): { min?: number; max?: number } {
  if (values.length < 40) return {};
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[Math.floor(0.02 * sorted.length)];
  const high = sorted[Math.ceil(0.98 * sorted.length) - 1];
  const room = 1.5 * (high - low);
  if (!(room > 0)) return {};
  const least = Math.min(low - room, ...always);
  const most = Math.max(high + room, ...always);
  return { ...(sorted[0] < least ? { min: least } : {}), ...(sorted[sorted.length - 1] > most ? { max: most } : {}) };
}

function axisName(metric: string): string {
  const device = deviceOf(metric);
  const unit = metricUnit(metric);
  return `${metricTitle(metric)}${unit ? ` (${unit})` : ''}${device ? ` on ${device}` : ''}`;
}

/** The chart library's description of the plot. */
export function paretoChart(data: ParetoData, theme: ChartTheme): object {
  const moreUpwards = isMaximized(data.upwards);
  const moreAcross = isMaximized(data.across);
  const stairs = (points: Point[]) => staircase(points, moreUpwards, moreAcross);
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
  const cloud = candidatePoints(data, false);
  const cloudBest = candidatePoints(data, true);
  const forms = [...new Set(data.front.map(formOf))];
  const members = forms.flatMap((form) => memberPoints(data, data.front, form));
  const baselineForms = [...new Set(data.baselines.map(formOf))];
  const twoOnly = data.objectives <= 2;
  const series = [
    scatter('candidates', cloud, {
      symbolSize: data.candidates.length > 3000 ? 3 : 5, itemStyle: { color: theme.cloud, opacity: 0.4 },
    }),
    scatter(twoOnly ? 'best candidates' : 'best candidates (in all objectives)', cloudBest, {
      symbolSize: 7, itemStyle: { color: theme.cloud, opacity: 0.95 },
    }),
    line('best of these two metrics', stairs([...cloud, ...cloudBest]), theme.cloud, true),
    ...baselineForms.map((form) => scatter(`baseline ${form}`, memberPoints(data, data.baselines, form), {
      symbol: form === 'float32' ? 'triangle' : 'rect', symbolSize: form === 'float32' ? 12 : 10, z: 3, ...hollow(theme.baseline),
    })),
    line('front', stairs(members), theme.text, false),
    ...bars(members, data, theme.muted),
    ...forms.map((form) => {
      const look = formLook(form, theme);
      return scatter(form, memberPoints(data, data.front, form), {
        symbol: look.symbol, symbolSize: look.symbol === 'diamond' ? 15 : 13, z: 5,
        itemStyle: { color: look.colour, borderColor: theme.surface, borderWidth: 1.5 },
      });
    }),
  ].filter((one) => ((one as { data: unknown[] }).data).length > 0) as { name: string; data: unknown[] }[];
  const xs = [...cloud, ...cloudBest].map((p) => p.value[0]);
  const ys = [...cloud, ...cloudBest].map((p) => p.value[1]);
  const kept = [...members, ...cloudBest, ...data.baselines.flatMap((b) => memberPoints(data, [b], formOf(b)))];
  return {
    textStyle: { fontFamily: theme.font },
    grid: { left: 12, right: 24, top: theme.narrow ? 130 : 64, bottom: 40, containLabel: true },
    legend: {
      top: 0, left: 0, itemGap: 14, itemWidth: 14, itemHeight: 12, textStyle: { color: theme.text, fontSize: 12.5 },
      data: [...new Set(series.map((one) => one.name))].filter((name) => !['front', 'interval'].includes(name)),
    },
    tooltip: {
      trigger: 'item', confine: true, backgroundColor: theme.surface, borderColor: theme.line,
      textStyle: { color: theme.text, fontSize: 13 },
      formatter: (hit: { data: Point }) => hit.data.text ?? '',
    },
    xAxis: {
      ...axis, type: data.logarithmic ? 'log' : 'value', name: axisName(data.across), nameLocation: 'middle', nameGap: 32,
      min: undefined, max: undefined, ...range(xs, kept.map((p) => p.value[0])),
      axisLabel: { ...axis.axisLabel, formatter: (value: number) => value >= 1000 ? count(value) : trimmed(value) },
    },
    yAxis: {
      ...axis, type: 'value', name: axisName(data.upwards), nameTextStyle: { ...text, align: 'left' }, nameGap: 12,
      min: undefined, max: undefined, ...range(ys, kept.map((p) => p.value[1])),
      axisLabel: { ...axis.axisLabel, formatter: (value: number) => value >= 1000 ? count(value) : trimmed(value) },
    },
    dataZoom: [{ type: 'inside', xAxisIndex: 0, filterMode: 'none', zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false, preventDefaultMouseMove: false },
      { type: 'inside', yAxisIndex: 0, filterMode: 'none', zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false, preventDefaultMouseMove: false }],
    series,
  };
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)));
}
