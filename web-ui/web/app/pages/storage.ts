import { LitElement, html, nothing } from 'lit';
import { api, type DataSet, type Disk } from '../api';
import { ago, bytes, percent, whole } from '../format';
import { fact, problemNote } from '../parts/common';

/** What the parts of the home folder are called, in the order in which they are shown. */
const PARTS: Record<string, string> = {
  artifacts: 'Files of runs', dataSets: 'Data sets that were sent', decodedImages: 'Decoded images',
  database: 'Database', work: 'Runs at work', agent: 'Agent of this machine', logs: 'Logs', other: 'Other',
};

/** What the service keeps, how much room it takes, and when it goes. */
class StoragePage extends LitElement {
  static properties = { disk: { state: true }, dataSets: { state: true }, error: { state: true } };
  declare disk: Disk | undefined;
  declare dataSets: DataSet[];
  declare error: string | undefined;
  #timer = 0;

  constructor() {
    super();
    this.dataSets = [];
  }

  protected createRenderRoot(): HTMLElement { return this; }

  connectedCallback(): void {
    super.connectedCallback();
    document.title = 'Storage · Lathe';
    void this.#load();
    this.#timer = window.setInterval(() => void this.#load(), 30_000);
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  async #load(): Promise<void> {
    try {
      [this.disk, this.dataSets] = await Promise.all([api.disk(), api.dataSets()]);
      this.error = undefined;
    } catch (error) {
      this.error = (error as Error).message;
    }
  }

  async #delete(data: DataSet): Promise<void> {
    const what = data.uploaded ? 'with its images? They cannot be brought back.' : 'from the list? Its images stay where they lie.';
    if (!confirm(`Delete "${data.name}" ${what}`)) return;
    try {
      await api.remove(`datasets/${encodeURIComponent(data.name)}`);
      await this.#load();
    } catch (error) {
      this.error = (error as Error).message;
    }
  }

  #retention(disk: Disk): string {
    const rules = [
      disk.retentionDays ? `runs that ended more than ${whole(disk.retentionDays)} days ago are deleted` : '',
      disk.retentionDiskShare ? `the oldest ones are deleted while all this takes more than ${percent(disk.retentionDiskShare, 0)} of the disk` : '',
    ].filter(Boolean);
    return rules.length > 0 ? rules.join('; ') : 'nothing is deleted by itself';
  }

  #disk(disk: Disk) {
    const parts = Object.keys(PARTS).filter((part) => (disk.parts[part] ?? 0) > 0);
    return html`<section class="card" aria-label="Disk"><header><h2>Disk</h2></header>
      <dl class="facts">${fact('This service keeps', bytes(disk.home))}${fact('Free', bytes(disk.free))}
        ${fact('Disk', bytes(disk.total))}${fact('Retention', this.#retention(disk))}</dl>
      <div class="scroll" tabindex="0" role="region" aria-label="Parts" style="margin-top:1rem"><table>
        <thead><tr><th scope="col">What</th><th scope="col" class="right">Size</th><th scope="col" class="right">Of the disk</th></tr></thead>
        <tbody>${parts.map((part) => html`<tr><td>${PARTS[part]}</td><td class="right">${bytes(disk.parts[part])}</td>
          <td class="right">${percent(disk.parts[part] / disk.total, 1)}</td></tr>`)}</tbody></table></div></section>`;
  }

  #dataSets() {
    return html`<section class="card" aria-label="Data sets"><header><h2>Data sets</h2></header>
      <div class="scroll" tabindex="0" role="region" aria-label="Data sets"><table>
        <thead><tr><th scope="col">Name</th><th scope="col">Kept</th><th scope="col" class="right">Size</th>
          <th scope="col"><span class="hidden-text">Delete</span></th></tr></thead>
        <tbody>${this.dataSets.map((data) => html`<tr><td><b>${data.name}</b><div class="muted small">${ago(data.createdAt)}</div></td>
          <td>${data.uploaded ? 'here' : 'where it lies'}</td><td class="right">${bytes(data.bytes)}</td>
          <td class="right"><button class="danger small" aria-label="Delete ${data.name}"
            @click=${() => void this.#delete(data)}>Delete</button></td></tr>`)}</tbody></table></div></section>`;
  }

  render() {
    return html`<div class="page"><div class="heading"><div><h1>Storage</h1></div></div>
      ${problemNote(this.error)}
      ${this.disk === undefined ? (this.error ? nothing : html`<p class="muted">Looking at the disk …</p>`) : this.#disk(this.disk)}
      ${this.dataSets.length > 0 ? this.#dataSets() : nothing}
    </div>`;
  }
}
customElements.define('lathe-storage', StoragePage);
