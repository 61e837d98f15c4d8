import { LitElement, html, nothing, type PropertyValues } from 'lit';
import { api, ApiError, type Compression, type CompressedFile } from '../api';
import { ago, bare, bytes, duration, percent, seconds } from '../format';
import { fact, fileLink, isOver, problemNote, stateMark } from '../parts/common';

/** Weights that keep less signal to noise than this are named. */
const KEPT_DECIBELS = 20;
const NAMES_SHOWN = 8;

function decibels(value: number | string | undefined): string {
  return value === 'Infinity' ? 'the same' : typeof value === 'number' ? `${value.toFixed(1)} dB` : '–';
}

/** One compression: its progress, then a file a step with what the step did. */
class CompressionPage extends LitElement {
  static properties = {
    compressionId: { attribute: false }, compression: { state: true }, error: { state: true },
    refusal: { state: true }, missing: { state: true },
  };
  declare compressionId: string;
  declare compression: Compression | undefined;
  declare error: string | undefined;
  /** Why a command of the user was not carried out. */
  declare refusal: string | undefined;
  declare missing: boolean;
  #timer = 0;

  constructor() {
    super();
    this.compressionId = '';
    this.missing = false;
  }

  protected createRenderRoot(): HTMLElement { return this; }

  connectedCallback(): void {
    super.connectedCallback();
    this.#timer = window.setInterval(() => {
      if (!this.missing && !(this.compression && isOver(this.compression.state))) void this.#load();
    }, 1500);
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  willUpdate(changed: PropertyValues): void {
    if (!changed.has('compressionId')) return;
    document.title = `Compression ${this.compressionId} · Lathe`;
    this.compression = undefined;
    this.error = undefined;
    this.refusal = undefined;
    this.missing = false;
    void this.#load();
  }

  async #load(): Promise<void> {
    const id = this.compressionId;
    try {
      const compression = await api.compression(id);
      if (id !== this.compressionId) return;
      this.compression = compression;
      this.error = undefined;
    } catch (error) {
      if (id !== this.compressionId) return;
      this.error = (error as Error).message;
      this.missing = error instanceof ApiError && error.status === 404;
    }
  }

  async #cancel(): Promise<void> {
    if (!confirm('Cancel this compression for good?')) return;
    try {
      this.compression = await api.cancelCompression(this.compressionId);
    } catch (error) {
      this.refusal = (error as Error).message;
    }
  }

  async #delete(compression: Compression): Promise<void> {
    if (!confirm(`Delete "${compression.name}" with its files and measurements? They cannot be brought back.`)) return;
    try {
      await api.remove(`compressions/${this.compressionId}`);
      location.hash = '#/compressions';
    } catch (error) {
      this.refusal = (error as Error).message;
    }
  }

  #row(file: CompressedFile, original: CompressedFile, recipe: string, number: number) {
    const name = `${recipe}-${number}.onnx`;
    const url = api.onnxUrl(file.artifactId);
    const step = file.report;
    const share = (value: number | null | undefined, of: number | null | undefined) => number > 0 && value && of
      ? html`<div class="muted small">${percent(value / of, 0)}</div>` : nothing;
    return html`<tr>
      <td><b>${file.step || 'original'}</b></td>
      <td class="right">${bytes(file.bytes)}${share(file.bytes, original.bytes)}</td>
      <td class="right" title=${file.notMeasured ?? nothing}>${file.notMeasured ? 'not measured' : bare(file.p50)}${share(file.p50, original.p50)}</td>
      <td class="right">${bare(file.p90)}</td>
      <td class="right">${percent(file.accuracy)}</td>
      <td class="right">${decibels(step?.outputDecibels)}</td>
      <td class="right">${step && step.integerNodes + step.floatNodes > 0 ? `${step.integerNodes} / ${step.floatNodes}` : '–'}</td>
      <td class="right">${duration(step?.seconds)}</td>
      <td>${fileLink(url, name, 'ONNX', `Download ${file.step || 'the original'} as ONNX`)}</td></tr>`;
  }

  /** Why nodes did not become integer, and whose weights lost most. */
  #reasons(file: CompressedFile) {
    const step = file.report;
    if (!step) return nothing;
    const stayed = new Map<string, string[]>();
    for (const node of step.nodes.filter((one) => one.form === 'FLOAT' && one.reason)) {
      stayed.set(node.reason, [...stayed.get(node.reason) ?? [], node.name]);
    }
    const weak = step.nodes.filter((node) => typeof node.weightDecibels === 'number' && node.weightDecibels < KEPT_DECIBELS)
      .sort((a, b) => Number(a.weightDecibels) - Number(b.weightDecibels));
    if (step.notes.length + stayed.size + weak.length === 0) return nothing;
    return html`<section class="card" aria-label="Reasons of ${step.step}"><header><h2>Why: ${step.step}</h2></header>
      <ul>${step.notes.map((note) => html`<li>${note}</li>`)}
        ${[...stayed].map(([reason, names]) => html`<li>${names.length} ${names.length === 1 ? 'node stays' : 'nodes stay'} float:
          ${reason}. <span class="muted small">${names.slice(0, NAMES_SHOWN).join(', ')}${names.length > NAMES_SHOWN ? ', …' : ''}</span></li>`)}
        ${weak.map((node) => html`<li>${node.name} (${node.opType}): its weights keep ${Number(node.weightDecibels).toFixed(1)} dB</li>`)}</ul>
    </section>`;
  }

  #results(compression: Compression) {
    const report = compression.report;
    if (!report) return nothing;
    return html`<section class="card list" aria-label="Files"><header><h2>Files</h2>
        <div class="row">${report.texts.map((text) => fileLink(api.contentUrl(text.artifactId),
          `${report.recipe}.${text.ending}`, text.ending, `Download ${report.recipe}.${text.ending}`))}</div></header>
      <div class="scroll" tabindex="0" role="region" aria-label="Files"><table>
        <thead><tr><th scope="col">After</th><th scope="col" class="right">Size</th>
          <th scope="col" class="right" title="Measured median of one run">p50 ms</th><th scope="col" class="right">p90 ms</th>
          <th scope="col" class="right" title="On test images, where there are labels">Accuracy</th>
          <th scope="col" class="right" title="Signal to noise of the first output against the original">Output</th>
          <th scope="col" class="right" title="Nodes that compute with integers, and those that do not">Integer / float</th>
          <th scope="col" class="right">Took</th><th scope="col"><span class="hidden-text">Download</span></th></tr></thead>
        <tbody>${report.files.map((file, i) => this.#row(file, report.files[0], report.recipe, i))}</tbody></table></div></section>
      ${report.files.map((file) => this.#reasons(file))}`;
  }

  render() {
    const compression = this.compression;
    if (!compression) return html`<div class="page">${this.error ? html`${problemNote(this.error)}
      <div><a class="button" href="#/compressions">All compressions</a></div>` : html`<p class="muted">Reading …</p>`}</div>`;
    return html`<div class="page">
      <div class="heading"><div><h1>${compression.name}</h1>${stateMark(compression.state)}</div>
        <div class="row">${isOver(compression.state) ? html`<button class="danger" @click=${() => void this.#delete(compression)}>Delete</button>`
          : html`<button class="danger" @click=${() => void this.#cancel()}>Cancel</button>`}
          <a class="button" href="#/compressions">All compressions</a></div></div>
      ${problemNote(this.error)}${problemNote(this.refusal)}${problemNote(compression.error ?? undefined)}
      ${isOver(compression.state) ? nothing : html`<section class="card" aria-label="Progress">
        <div class="bar" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100"
          aria-valuenow=${Math.round(100 * (compression.fraction ?? 0))}><div style="width:${100 * (compression.fraction ?? 0)}%"></div></div>
        <p class="muted small" style="margin-top:0.6rem">${compression.stage} ${compression.message}</p></section>`}
      <section class="card" aria-label="Facts"><dl class="facts">
        ${fact('Recipe', compression.report?.recipe ?? compression.request?.settings?.recipe ?? '–')}
        ${fact('Data', compression.request?.data ?? '–')}${fact('Device', compression.report?.device ?? '–')}
        ${fact('Launched', ago(compression.createdAt))}
        ${fact('Time', duration(seconds(compression.startedAt, compression.finishedAt)))}</dl></section>
      ${this.#results(compression)}
    </div>`;
  }
}
customElements.define('lathe-compression', CompressionPage);
