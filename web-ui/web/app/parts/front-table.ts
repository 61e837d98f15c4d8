import { LitElement, html, nothing } from 'lit';
import { api, type Member } from '../api';
import { bare, bytes, count, duration, percent } from '../format';
import { fileLink, precisionMark } from './common';

interface Column {
  key: string;
  title: string;
  hint?: string;
  right?: boolean;
  value: (member: Member) => number | string | undefined;
  cell: (member: Member) => unknown;
}

const latency = (member: Member) => member.latencies[0];

function predicted(member: Member) {
  const l = latency(member);
  if (l?.predicted === undefined || l.predicted === null) return '–';
  return html`${bare(l.predicted)} <span class="interval">(${bare(l.lower)}–${bare(l.upper)})</span>`;
}

function trainedSeconds(member: Member): number | undefined {
  return member.seconds ?? member.fineTuneSeconds;
}

const COLUMNS: Column[] = [
  { key: 'name', title: 'Network', value: (m) => m.name ?? m.id, cell: (m) => html`<b>${m.name ?? m.id}</b>` },
  { key: 'precision', title: 'Precision', value: (m) => m.precision, cell: (m) => precisionMark(m.precision) },
  { key: 'validation', title: 'Validation', hint: 'Accuracy on validation images, which the search saw', right: true,
    value: (m) => m.validationAccuracy, cell: (m) => percent(m.validationAccuracy) },
  { key: 'test', title: 'Test', hint: 'Accuracy of the ONNX file on test images, which neither training nor search saw',
    right: true, value: (m) => m.testAccuracy, cell: (m) => percent(m.testAccuracy) },
  { key: 'p50', title: 'p50 ms', hint: 'Median of the measured latencies', right: true,
    value: (m) => latency(m)?.p50, cell: (m) => html`<b>${bare(latency(m)?.p50)}</b>` },
  { key: 'p90', title: 'p90 ms', right: true, value: (m) => latency(m)?.p90, cell: (m) => bare(latency(m)?.p90) },
  { key: 'predicted', title: 'Predicted ms', hint: 'With the 90 % interval', right: true,
    value: (m) => latency(m)?.predicted, cell: predicted },
  { key: 'bytes', title: 'File', right: true, value: (m) => m.bytes, cell: (m) => bytes(m.bytes) },
  { key: 'macs', title: 'MACs', hint: 'Multiply-accumulates of one run', right: true,
    value: (m) => m.macs, cell: (m) => count(m.macs) },
  { key: 'parameters', title: 'Parameters', right: true, value: (m) => m.parameters, cell: (m) => count(m.parameters) },
  { key: 'trained', title: 'Trained', hint: 'How long this network was trained alone; on the front, after the supernet',
    right: true, value: trainedSeconds, cell: (m) => duration(trainedSeconds(m)) },
];

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
    this.sortKey = 'p50';
    this.descending = false;
  }

  protected createRenderRoot(): HTMLElement { return this; }

  #sort(key: string): void {
    this.descending = this.sortKey === key ? !this.descending : ['validation', 'test'].includes(key);
    this.sortKey = key;
  }

  #toggle(id: string): void {
    const selected = new Set(this.selected);
    if (!selected.delete(id)) selected.add(id);
    this.dispatchEvent(new CustomEvent('selection', { detail: selected }));
  }

  #sorted(): Member[] {
    const column = COLUMNS.find((one) => one.key === this.sortKey)!;
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

  #row(member: Member) {
    const chosen = this.selected.has(member.id);
    const name = `${member.name ?? member.id} ${member.precision}`;
    return html`<tr class=${chosen ? 'marked' : ''} data-id=${member.id}>
      ${this.selectable ? html`<td><input type="checkbox" aria-label="Compare ${name}" .checked=${chosen}
        @change=${() => this.#toggle(member.id)}></td>` : nothing}
      ${COLUMNS.map((column) => html`<td class=${column.right ? 'right' : ''}>${column.cell(member)}</td>`)}
      <td>${member.artifactId === undefined || member.artifactId === null ? nothing : fileLink(
        api.onnxUrl(member.artifactId), `${member.name ?? member.id}.onnx`, 'ONNX', `Download ${name} as ONNX`)}</td></tr>`;
  }

  render() {
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${this.label}><table>
      <thead><tr>${this.selectable ? html`<th scope="col"><span class="hidden-text">Compare</span></th>` : nothing}
        ${COLUMNS.map((column) => this.#head(column))}
        <th scope="col"><span class="hidden-text">Download</span></th></tr></thead>
      <tbody>${this.#sorted().map((member) => this.#row(member))}</tbody></table></div>`;
  }
}
customElements.define('lathe-front-table', FrontTable);
