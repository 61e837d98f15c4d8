import { LitElement, html, nothing } from 'lit';
import { api, type Figures, type Member } from '../api';
import { bare, duration } from '../format';
import { TEST, deviceOf, figuresOf, formOf, isMaximized, metricTitle, metricUnit, metricsOf, written } from '../metrics';
import { fileLink, precisionMark } from './common';

interface Column {
  key: string;
  title: string;
  hint?: string;
  right?: boolean;
  value: (member: Member) => number | string | undefined;
  cell: (member: Member) => unknown;
}

function trainedSeconds(member: Member): number | undefined {
  return member.seconds ?? member.fineTuneSeconds;
}

const HINTS: Record<string, string> = {
  accuracy: 'Accuracy on validation images, which the search saw',
  [TEST]: 'Accuracy of the ONNX file on test images, which neither training nor search saw',
  latency: 'Median of the measured latencies', macs: 'Multiply-accumulates of one run',
};
const TITLES: Record<string, string> = {
  accuracy: 'Validation', [TEST]: 'Test', latency: 'p50 ms', 'latency.p90': 'p90 ms', bytes: 'File', macs: 'MACs', parameters: 'Parameters',
};
/** Metrics that come first, in this order; others follow as they come. */
const ORDER = ['accuracy', TEST, 'latency', 'latency.p90', 'bytes', 'macs', 'parameters'];

function rank(metric: string): number {
  const place = ORDER.indexOf(metric.split('@')[0]);
  return place < 0 ? ORDER.length : place;
}

function title(metric: string, devices: number): string {
  const device = deviceOf(metric);
  const [kind] = metric.split('@');
  const unit = metricUnit(metric);
  const name = TITLES[kind] ?? `${metricTitle(metric)}${unit && unit !== '%' ? ` ${unit}` : ''}`;
  return device && devices > 1 ? `${name} ${device}` : name;
}

function cell(metric: string, member: Member) {
  const figure = figuresOf(member)[metric];
  if (figure === undefined) return '–';
  const text = metricUnit(metric) === 'ms' ? bare(figure.value) : written(metric, figure.value);
  return metric.startsWith('latency@') ? html`<b>${text}</b>` : text;
}

function unseenCell(member: Member) {
  const unseen = member.crossValidated;
  return unseen
    ? html`${written(TEST, unseen.accuracy)} <span class="interval">(${written(TEST, unseen.lower)}–${written(TEST, unseen.upper)})</span>` : '–';
}

function predictedCell(metric: string, member: Member) {
  const figure = predictedOf(member)[metric];
  if (figure === undefined) return '–';
  return html`${bare(figure.value)} <span class="interval">(${bare(figure.lower)}–${bare(figure.upper)})</span>`;
}

function predictedOf(member: Member): Figures {
  if (member.predicted && Object.keys(member.predicted).length > 0) return member.predicted;
  return Object.fromEntries(member.latencies
    .filter((l) => l.predicted !== undefined && l.predicted !== null)
    .map((l) => [`latency@${l.device}`, { value: l.predicted!, lower: l.lower ?? l.predicted!, upper: l.upper ?? l.predicted!, source: 'predicted' as const }]));
}

/** The columns that a list of networks needs: one a metric, beside name and form. */
function columns(members: Member[]): Column[] {
  const metrics = metricsOf(members).filter((metric) => !metric.startsWith('latency.p99@') && !metric.startsWith('throughput@'))
    .sort((a, b) => rank(a) - rank(b));
  const devices = new Set(metrics.map(deviceOf).filter(Boolean)).size;
  const predicted = [...new Set(members.flatMap((member) => Object.keys(predictedOf(member))))];
  const all: Column[] = [
    { key: 'name', title: 'Network', value: (m) => m.name ?? m.id, cell: (m) => html`<b>${m.name ?? m.id}</b>` },
  ];
  if (members.some((member) => member.precision)) {
    all.push({ key: 'form', title: 'Form', hint: 'How the network is written', value: formOf, cell: (m) => precisionMark(formOf(m)) });
  }
  if (members.some((member) => member.crossValidated)) {
    all.push({ key: 'unseen', title: 'Unseen (95 %)', hint: 'Accuracy over all images, each judged by a network that was trained without it',
      right: true, value: (m) => m.crossValidated?.accuracy, cell: unseenCell });
  }
  for (const metric of metrics) {
    all.push({
      key: metric, title: title(metric, devices), hint: HINTS[metric.split('@')[0]], right: true,
      value: (m) => figuresOf(m)[metric]?.value, cell: (m) => cell(metric, m),
    });
    if (metric.startsWith('latency.p90@') || (metric.startsWith('latency@') && !metrics.includes(metric.replace('latency@', 'latency.p90@')))) {
      const of = metric.replace('latency.p90@', 'latency@');
      if (predicted.includes(of)) {
        all.push({
          key: `predicted ${of}`, title: devices > 1 ? `Predicted ms ${deviceOf(of)}` : 'Predicted ms', hint: 'With the 90 % interval',
          right: true, value: (m) => predictedOf(m)[of]?.value, cell: (m) => predictedCell(of, m),
        });
      }
    }
  }
  if (members.some((member) => trainedSeconds(member) !== undefined)) {
    all.push({ key: 'trained', title: 'Trained', hint: 'How long this network was trained alone; on the front, after the supernet',
      right: true, value: trainedSeconds, cell: (m) => duration(trainedSeconds(m)) });
  }
  return all;
}

/** Networks in a table that can be sorted; those that are ticked are told as `selection`. */
export class FrontTable extends LitElement {
  static properties = {
    members: { attribute: false }, selected: { attribute: false }, label: {}, selectable: { type: Boolean },
    sortKey: { state: true }, descending: { state: true },
  };
  declare members: Member[];
  declare selected: ReadonlySet<string>;
  declare label: string;
  declare selectable: boolean;
  declare sortKey: string;
  declare descending: boolean;

  constructor() {
    super();
    this.members = [];
    this.selected = new Set();
    this.label = 'Networks';
    this.selectable = false;
    this.sortKey = '';
    this.descending = false;
  }

  protected createRenderRoot(): HTMLElement { return this; }

  #sort(key: string): void {
    this.descending = this.sortKey === key ? !this.descending : isMaximized(key);
    this.sortKey = key;
  }

  #toggle(id: string): void {
    const selected = new Set(this.selected);
    if (!selected.delete(id)) selected.add(id);
    this.dispatchEvent(new CustomEvent('selection', { detail: selected }));
  }

  #sorted(all: Column[]): Member[] {
    const column = all.find((one) => one.key === this.sortKey)
      ?? all.find((one) => one.key.startsWith('latency@')) ?? all[0];
    const sign = this.descending ? -1 : 1;
    return [...this.members].sort((a, b) => {
      const [x, y] = [column.value(a), column.value(b)];
      if (x === y) return 0;
      if (x === undefined || x === null) return 1;
      if (y === undefined || y === null) return -1;
      return (typeof x === 'string' ? x.localeCompare(String(y), 'en', { numeric: true }) : x - Number(y)) * sign;
    });
  }

  #head(column: Column) {
    const active = column.key === this.sortKey;
    return html`<th scope="col" class=${column.right ? 'right' : ''} title=${column.hint ?? nothing}
      aria-sort=${active ? (this.descending ? 'descending' : 'ascending') : nothing}>
      <button type="button" @click=${() => this.#sort(column.key)}>${column.title}<span aria-hidden="true">${
        active ? (this.descending ? ' ↓' : ' ↑') : ''}</span></button></th>`;
  }

  #row(member: Member, all: Column[]) {
    const chosen = this.selected.has(member.id);
    const name = `${member.name ?? member.id} ${member.precision ?? ''}`.trim();
    return html`<tr class=${chosen ? 'marked' : ''} data-id=${member.id}>
      ${this.selectable ? html`<td><input type="checkbox" aria-label="Compare ${name}" .checked=${chosen}
        @change=${() => this.#toggle(member.id)}></td>` : nothing}
      ${all.map((column) => html`<td class=${column.right ? 'right' : ''}>${column.cell(member)}</td>`)}
      <td>${member.artifactId === undefined || member.artifactId === null ? nothing : fileLink(
        api.onnxUrl(member.artifactId), `${member.name ?? member.id}.onnx`, 'ONNX', `Download ${name} as ONNX`)}</td></tr>`;
  }

  render() {
    const all = columns(this.members);
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${this.label}><table>
      <thead><tr>${this.selectable ? html`<th scope="col"><span class="hidden-text">Compare</span></th>` : nothing}
        ${all.map((column) => this.#head(column))}
        <th scope="col"><span class="hidden-text">Download</span></th></tr></thead>
      <tbody>${this.#sorted(all).map((member) => this.#row(member, all))}</tbody></table></div>`;
  }
}
customElements.define('lathe-front-table', FrontTable);
