import { LitElement, html } from 'lit';
import * as echarts from 'echarts/core';
import { LineChart, ScatterChart } from 'echarts/charts';
import { DataZoomComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { CanvasRenderer } from 'echarts/renderers';

echarts.use([
  LineChart, ScatterChart, GridComponent, LegendComponent, TooltipComponent, DataZoomComponent, CanvasRenderer,
]);

/** Colours and font that charts are drawn with, taken from the page's own. */
export interface ChartTheme {
  text: string;
  muted: string;
  line: string;
  surface: string;
  float32: string;
  int8: string;
  baseline: string;
  cloud: string;
  font: string;
  /** Whether there is little room across, as on a phone. */
  narrow: boolean;
}

export function chartTheme(width: number): ChartTheme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: colour('text'), muted: colour('muted'), line: colour('line'), surface: colour('surface'),
    float32: colour('float32'), int8: colour('int8'), baseline: colour('baseline'), cloud: colour('cloud'),
    font: getComputedStyle(document.body).fontFamily,
    narrow: width < 640,
  };
}

/** Draws a chart from its description; knows nothing of where the data come from. */
export class LatheChart extends LitElement {
  static properties = { draw: { attribute: false }, label: {}, view: {} };
  /** Describes the chart for a theme. */
  declare draw: (theme: ChartTheme) => object;
  /** What is on the axes: a change of it forgets the zoom. */
  declare view: string | undefined;
  /** What the chart says, for those who cannot see it. */
  declare label: string;
  #chart: echarts.ECharts | undefined;
  #size = new ResizeObserver(() => {
    this.#chart?.resize();
    this.#paint();
  });
  #theme = () => this.#paint();

  protected createRenderRoot(): HTMLElement { return this; }

  connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('lathe-theme', this.#theme);
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('lathe-theme', this.#theme);
    this.#size.disconnect();
    this.#chart?.dispose();
    this.#chart = undefined;
  }

  render() {
    return html`<div class="chart" role="img" aria-label=${this.label}></div>`;
  }

  updated(changed: Map<string, unknown>): void {
    if (changed.has('view') && this.#chart) this.#chart.clear();
    if (!this.#chart) {
      const place = this.querySelector<HTMLElement>('.chart')!;
      this.#chart = echarts.init(place);
      this.#size.observe(place);
      this.#chart.on('click', (hit) => {
        const id = (hit.data as { id?: string } | undefined)?.id;
        if (id) this.dispatchEvent(new CustomEvent('point', { detail: id }));
      });
    }
    this.#paint();
  }

  #paint(): void {
    this.#chart?.setOption(this.draw(chartTheme(this.#chart.getWidth())), { replaceMerge: ['series'] });
  }
}
customElements.define('lathe-chart', LatheChart);
