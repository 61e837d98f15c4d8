import { bare } from '../format';
import type { ChartTheme } from './chart';

/** The hypervolume of the front over the evaluations. */
export function historyChart(history: [number, number][], theme: ChartTheme): object {
  const text = { color: theme.muted };
  const axis = {
    type: 'value', nameTextStyle: text, axisLabel: { ...text, hideOverlap: true },
    axisLine: { lineStyle: { color: theme.line } }, splitLine: { lineStyle: { color: theme.line, opacity: 0.6 } },
  };
  return {
    textStyle: { fontFamily: theme.font },
    grid: { left: 12, right: 24, top: 36, bottom: 40, containLabel: true },
    tooltip: {
      trigger: 'axis', confine: true, backgroundColor: theme.surface, borderColor: theme.line, textStyle: { color: theme.text, fontSize: 13 },
      formatter: (hits: { data: [number, number] }[]) => `after ${hits[0].data[0]} evaluations: ${bare(hits[0].data[1])}`,
    },
    xAxis: { ...axis, name: 'evaluations', nameLocation: 'middle', nameGap: 32 },
    yAxis: { ...axis, scale: true, name: 'hypervolume', nameTextStyle: { ...text, align: 'left' }, nameGap: 12 },
    series: [{ type: 'line', data: history, step: 'end', symbol: 'none', animation: false, lineStyle: { color: theme.float32, width: 2 } }],
  };
}
