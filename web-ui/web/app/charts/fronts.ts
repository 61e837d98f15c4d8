import type { Member } from '../api';
import { bare, bytes, escaped, percent } from '../format';
import type { ChartTheme } from './chart';

/** The front of one search. */
export interface NamedFront { name: string; front: Member[] }

const SYMBOLS = ['circle', 'diamond', 'triangle', 'rect', 'pin', 'arrow'];

/** Several fronts over measured latency and validation accuracy, each with a symbol of its own. */
export function frontsChart(fronts: NamedFront[], theme: ChartTheme): object {
  const colours = [theme.float32, theme.int8, theme.baseline, theme.text, theme.muted, theme.cloud];
  const text = { color: theme.muted };
  const axis = {
    type: 'value', scale: true, nameTextStyle: text, axisLabel: { ...text, hideOverlap: true },
    axisLine: { lineStyle: { color: theme.line } }, splitLine: { lineStyle: { color: theme.line, opacity: 0.6 } },
  };
  return {
    textStyle: { fontFamily: theme.font },
    grid: { left: 12, right: 24, top: theme.narrow ? 110 : 64, bottom: 40, containLabel: true },
    legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 12, textStyle: { color: theme.text } },
    tooltip: {
      trigger: 'item', confine: true, backgroundColor: theme.surface, borderColor: theme.line,
      textStyle: { color: theme.text, fontSize: 13 }, formatter: (hit: { data: { text: string } }) => hit.data.text,
    },
    xAxis: { ...axis, name: 'measured latency p50 (ms)', nameLocation: 'middle', nameGap: 32 },
    yAxis: { ...axis, name: 'validation accuracy (%)', nameTextStyle: { ...text, align: 'left' }, nameGap: 12 },
    series: fronts.map(({ name, front }, i) => ({
      type: 'scatter', name, symbol: SYMBOLS[i % SYMBOLS.length], symbolSize: 12, animation: false,
      itemStyle: { color: colours[i % colours.length], borderColor: theme.surface, borderWidth: 1 },
      data: front.filter((member) => member.latencies[0] && member.validationAccuracy !== undefined).map((member) => ({
        value: [member.latencies[0].p50, 100 * member.validationAccuracy!],
        text: `<b>${escaped(name)}</b>: ${escaped(member.name ?? member.id)} ${escaped(member.precision ?? '')}<br>`
          + `validation ${percent(member.validationAccuracy)}, test ${percent(member.testAccuracy)}<br>`
          + `p50 ${bare(member.latencies[0].p50)} ms, ${bytes(member.bytes)}`,
      })),
    })),
  };
}
