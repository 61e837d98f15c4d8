import { html, nothing } from 'lit';
import { api, type Page, type Search } from '../api';
import { ago, bare, duration, percent, seconds, whole } from '../format';
import { problemNote, stateMark } from '../parts/common';
import { PagedList } from '../parts/paged-list';

/** All searches, the newest first, with their best figures. */
class SearchesPage extends PagedList<Search> {
  static properties = { ...PagedList.properties, chosen: { state: true } };
  declare chosen: ReadonlySet<string>;

  constructor() {
    super();
    this.chosen = new Set();
  }

  protected heading(): string { return 'Searches'; }

  protected fetchPage(number: number, size: number): Promise<Page<Search>> { return api.searches(number, size); }

  #choose(id: string): void {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    this.chosen = chosen;
  }

  #row(search: Search) {
    const id = String(search.id);
    const busy = search.state === 'running' || search.state === 'pausing';
    return html`<tr>
      <td class="narrow-hidden"><input type="checkbox" aria-label="Compare ${search.name}" .checked=${this.chosen.has(id)}
        ?disabled=${search.front === 0} @change=${() => this.#choose(id)}></td>
      <td><a class="name" href="#/searches/${id}">${search.name}</a>
        <div class="muted small">${(search.request.space as { table?: string } | undefined)?.table ?? search.request.data ?? 'builtin'} · ${ago(search.createdAt)}</div></td>
      <td>${stateMark(search.state)}
        ${busy ? html`<div class="muted small number" style="margin-top:0.2rem">${search.stage} ${percent(search.fraction, 0)}</div>` : nothing}</td>
      <td class="right narrow-hidden">${whole(search.candidates)}</td>
      <td class="right narrow-hidden">${whole(search.front)}</td>
      <td class="right">${percent(search.best?.validationAccuracy, 1)}</td>
      <td class="right">${bare(search.best?.p50)}</td>
      <td class="right narrow-hidden">${duration(seconds(search.startedAt, search.finishedAt))}</td>
    </tr>`;
  }

  render() {
    return html`<div class="page">
      <div class="heading"><div><h1>Searches</h1></div><div class="row">
        ${this.chosen.size > 1 ? html`<a class="button" href="#/compare?searches=${[...this.chosen].join(',')}">Compare ${this.chosen.size}</a>` : nothing}
        <a class="button primary" href="#/new">New search</a></div></div>
      ${problemNote(this.error)}
      ${this.items === undefined ? (this.error ? nothing : html`<p class="muted">Reading searches …</p>`)
        : this.items.length === 0 ? html`<div class="card empty">
          <h2>No search yet</h2>
          <p class="muted">A search trains one supernet on your images and shapes networks to your device: accurate, fast, small.</p>
          <a class="button primary" href="#/new">Launch the first one</a></div>`
        : html`<div class="card list"><div class="scroll" tabindex="0" role="region" aria-label="Searches"><table>
          <thead><tr><th scope="col" class="narrow-hidden"><span class="hidden-text">Compare</span></th>
            <th scope="col">Search</th><th scope="col">State</th>
            <th scope="col" class="right narrow-hidden">Candidates</th><th scope="col" class="right narrow-hidden">Front</th>
            <th scope="col" class="right" title="Best validation accuracy on the front">Best accuracy</th>
            <th scope="col" class="right" title="Smallest measured median latency on the front">Fastest ms</th>
            <th scope="col" class="right narrow-hidden">Time</th></tr></thead>
          <tbody>${this.items.map((search) => this.#row(search))}</tbody></table></div></div>`}
      ${this.pager()}
    </div>`;
  }
}
customElements.define('lathe-searches', SearchesPage);
