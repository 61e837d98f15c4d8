import { html, nothing } from 'lit';
import { api, type Compression, type Page } from '../api';
import { ago, bare, bytes, duration, percent, seconds } from '../format';
import { problemNote, stateMark } from '../parts/common';
import { PagedList } from '../parts/paged-list';

/** All compressions, the newest first, with what the last file has of the first one's cost. */
class CompressionsPage extends PagedList<Compression> {
  protected heading(): string { return 'Compressions'; }

  protected fetchPage(number: number, size: number): Promise<Page<Compression>> { return api.compressions(number, size); }

  #row(compression: Compression) {
    const first = compression.report?.files[0];
    const last = compression.report?.files.at(-1);
    return html`<tr>
      <td><a class="name" href="#/compressions/${compression.id}">${compression.name}</a>
        <div class="muted small">${compression.report?.device ?? ''} ${ago(compression.createdAt)}</div></td>
      <td>${stateMark(compression.state)}
        ${compression.state === 'running' ? html`<div class="muted small number" style="margin-top:0.2rem">${percent(compression.fraction, 0)}</div>` : nothing}</td>
      <td class="right">${bytes(last?.bytes)}${first && last ? html`<div class="muted small">${percent(last.bytes / first.bytes, 0)}</div>` : nothing}</td>
      <td class="right">${bare(last?.p50)}${first?.p50 && last?.p50 ? html`<div class="muted small">${percent(last.p50 / first.p50, 0)}</div>` : nothing}</td>
      <td class="right narrow-hidden">${percent(last?.accuracy, 1)}</td>
      <td class="right narrow-hidden">${duration(seconds(compression.startedAt, compression.finishedAt))}</td>
    </tr>`;
  }

  render() {
    return html`<div class="page">
      <div class="heading"><div><h1>Compressions</h1></div>
        <a class="button primary" href="#/compressions/new">Compress a model</a></div>
      ${problemNote(this.error)}
      ${this.items === undefined ? (this.error ? nothing : html`<p class="muted">Reading compressions …</p>`)
        : this.items.length === 0 ? html`<div class="card empty">
          <h2>No compression yet</h2>
          <p class="muted">Any ONNX file goes in; a smaller or faster one comes out, with the reasons.</p>
          <a class="button primary" href="#/compressions/new">Compress the first one</a></div>`
        : html`<div class="card list"><div class="scroll" tabindex="0" role="region" aria-label="Compressions"><table>
          <thead><tr><th scope="col">Compression</th><th scope="col">State</th>
            <th scope="col" class="right" title="Of the last file, and its share of the original">Size</th>
            <th scope="col" class="right" title="Measured median, and its share of the original's">p50 ms</th>
            <th scope="col" class="right narrow-hidden" title="On test images, where there are labels">Accuracy</th>
            <th scope="col" class="right narrow-hidden">Time</th></tr></thead>
          <tbody>${this.items.map((one) => this.#row(one))}</tbody></table></div></div>`}
      ${this.pager()}
    </div>`;
  }
}
customElements.define('lathe-compressions', CompressionsPage);
