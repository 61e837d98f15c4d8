import type { Member } from '../api';
import { bare, escaped } from '../format';
import { formLook, formOf } from '../metrics';
import type { ChartTheme } from './chart';

/** Predicted over measured latency, with the 90 % intervals; on the diagonal both are equal. */
export function predictionChart(members: Member[], theme: ChartTheme): object {
  const known = members.filter((m) => m.latencies[0]?.predicted !== undefined && m.latencies[0].predicted !== null);
  const text = { color: theme.muted };
  const axis = {
    type: 'value', scale: true, nameTextStyle: text, axisLabel: { ...text, hideOverlap: true },
    axisLine: { lineStyle: { color: theme.line } }, splitLine: { lineStyle: { color: theme.line, opacity: 0.6 } },
  };
  const values = known.flatMap((m) => [m.latencies[0].p50, m.latencies[0].predicted!]);
  const ends = [Math.min(...values), Math.max(...values)];
  const series = [...new Set(known.map(formOf))].flatMap((precision) => {
    const these = known.filter((m) => formOf(m) === precision);
    const { colour, symbol } = formLook(precision, theme);
    const intervals = these.flatMap((m) => {
      const { p50, lower, upper } = m.latencies[0];
      return lower === undefined || upper === undefined ? [] : [[p50, lower], [p50, upper], ['-', '-']];
    });
    return [
      { type: 'line', name: precision, data: intervals, symbol: 'none', silent: true, animation: false,
        lineStyle: { color: colour, width: 2, opacity: 0.45 }, itemStyle: { color: colour } },
      { type: 'scatter', name: precision, animation: false, z: 5,
        symbol, symbolSize: symbol === 'diamond' ? 13 : 11,
        itemStyle: { color: colour, borderColor: theme.surface, borderWidth: 1 },
        data: these.map((m) => ({
          value: [m.latencies[0].p50, m.latencies[0].predicted],
          text: `<b>${escaped(m.name ?? m.id)}</b> ${escaped(m.precision ?? '')}<br>measured ${bare(m.latencies[0].p50)} ms<br>`
            + `predicted ${bare(m.latencies[0].predicted)} ms (${bare(m.latencies[0].lower)}–${bare(m.latencies[0].upper)})`,
        })) },
    ];
  });
  return {
    textStyle: { fontFamily: theme.font },
    grid: { left: 12, right: 24, top: 56, bottom: 40, containLabel: true },
    legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 12, textStyle: { color: theme.text } },
    tooltip: {
      trigger: 'item', confine: true, backgroundColor: theme.surface, borderColor: theme.line,
      textStyle: { color: theme.text, fontSize: 13 }, formatter: (hit: { data: { text?: string } }) => hit.data.text ?? '',
    },
    xAxis: { ...axis, name: 'measured latency p50 (ms)', nameLocation: 'middle', nameGap: 32 },
    yAxis: { ...axis, name: 'predicted (ms)', nameTextStyle: { ...text, align: 'left' }, nameGap: 12 },
    series: [
      { type: 'line', name: 'equal', data: [[ends[0], ends[0]], [ends[1], ends[1]]], symbol: 'none', silent: true,
        animation: false, lineStyle: { color: theme.muted, type: 'dashed', width: 1.5 }, itemStyle: { color: theme.muted } },
      ...series,
    ],
  };
}
