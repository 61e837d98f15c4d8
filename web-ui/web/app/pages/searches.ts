import { LitElement, html, nothing } from 'lit';
import { api, type Search } from '../api';
import { ago, bare, duration, percent, seconds, whole } from '../format';
import { problemNote, stateMark } from '../parts/common';

const SIZE = 20;

/** All searches, the newest first, with their best figures. */
class SearchesPage extends LitElement {
  static properties = {
    searches: { state: true }, total: { state: true }, number: { state: true }, error: { state: true },
    chosen: { state: true },
  };
  declare searches: Search[] | undefined;
  declare total: number;
  declare number: number;
  declare error: string | undefined;
  declare chosen: ReadonlySet<string>;
  #timer = 0;

  constructor() {
    super();
    this.total = 0;
    this.number = 0;
    this.chosen = new Set();
  }

  protected createRenderRoot(): HTMLElement { return this; }

  connectedCallback(): void {
    super.connectedCallback();
    document.title = 'Searches · Lathe';
    void this.#load();
    this.#timer = window.setInterval(() => void this.#load(), 4000);
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  async #load(): Promise<void> {
    try {
      const page = await api.searches(this.number, SIZE);
      this.searches = page.items;
      this.total = page.total;
      this.error = undefined;
    } catch (error) {
      this.error = (error as Error).message;
    }
  }

  #turn(by: number): void {
    this.number += by;
    void this.#load();
  }

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
        <div class="muted small">${search.request.data} · ${ago(search.createdAt)}</div></td>
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
    const last = Math.max(0, Math.ceil(this.total / SIZE) - 1);
    return html`<div class="page">
      <div class="heading"><div><h1>Searches</h1></div><div class="row">
        ${this.chosen.size > 1 ? html`<a class="button" href="#/compare?searches=${[...this.chosen].join(',')}">Compare ${this.chosen.size}</a>` : nothing}
        <a class="button primary" href="#/new">New search</a></div></div>
      ${problemNote(this.error)}
      ${this.searches === undefined ? (this.error ? nothing : html`<p class="muted">Reading searches …</p>`)
        : this.searches.length === 0 ? html`<div class="card empty">
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
          <tbody>${this.searches.map((search) => this.#row(search))}</tbody></table></div></div>`}
      ${last > 0 ? html`<nav class="row" aria-label="Pages" style="justify-content:center">
        <button ?disabled=${this.number === 0} @click=${() => this.#turn(-1)}>Newer</button>
        <span class="number muted">page ${this.number + 1} of ${last + 1}</span>
        <button ?disabled=${this.number >= last} @click=${() => this.#turn(1)}>Older</button></nav>` : nothing}
    </div>`;
  }
}
customElements.define('lathe-searches', SearchesPage);
