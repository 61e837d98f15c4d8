import { LitElement, html, nothing } from 'lit';
import { api, type Member, type Search } from '../api';
import '../charts/chart';
import { frontsChart } from '../charts/fronts';
import { bare, bytes, duration, percent, seconds, whole } from '../format';
import { problemNote, stateMark } from '../parts/common';

interface Row { search: Search; front: Member[] }

/** Fronts of several searches in one plot and table. */
class ComparePage extends LitElement {
  static properties = { ids: { attribute: false }, rows: { state: true }, error: { state: true } };
  /** Numbers of the searches, with commas. */
  declare ids: string;
  declare rows: Row[] | undefined;
  declare error: string | undefined;

  protected createRenderRoot(): HTMLElement { return this; }

  willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('ids')) void this.#load(this.ids.split(',').filter(Boolean));
  }

  async #load(ids: string[]): Promise<void> {
    document.title = 'Compare · Lathe';
    try {
      this.rows = await Promise.all(ids.map(async (id) => ({ search: await api.search(id), front: await api.front(id) })));
      this.error = undefined;
    } catch (error) {
      this.error = (error as Error).message;
    }
  }

  render() {
    const rows = this.rows;
    return html`<div class="page"><div class="heading"><div><h1>Compare searches</h1></div><a class="button" href="#/">All searches</a></div>
      ${problemNote(this.error)}
      ${!rows ? nothing : html`<section class="card" aria-label="Plot">
        <lathe-chart .draw=${(theme: never) => frontsChart(rows.map(({ search, front }) => ({ name: search.name, front })), theme)}
          label="Fronts of ${rows.length} searches: validation accuracy against measured latency. The table below holds the best figures."></lathe-chart></section>
      <section class="card" aria-label="Figures"><div class="scroll" tabindex="0" role="region" aria-label="Searches"><table>
        <thead><tr><th scope="col">Search</th><th scope="col">State</th><th scope="col" class="right">Front</th>
          <th scope="col" class="right">Best validation</th><th scope="col" class="right">Its test</th><th scope="col" class="right">Its p50 ms</th>
          <th scope="col" class="right">Fastest p50 ms</th><th scope="col" class="right">Smallest</th><th scope="col" class="right">Time</th></tr></thead>
        <tbody>${rows.map(({ search, front }) => {
          const best = [...front].sort((a, b) => (b.validationAccuracy ?? 0) - (a.validationAccuracy ?? 0))[0] as Member | undefined;
          const latencies = front.map((member) => member.latencies[0]?.p50).filter((p50) => p50 !== undefined);
          return html`<tr><td><a class="name" href="#/searches/${search.id}">${search.name}</a></td><td>${stateMark(search.state)}</td>
            <td class="right">${whole(front.length)}</td><td class="right">${percent(best?.validationAccuracy)}</td>
            <td class="right">${percent(best?.testAccuracy)}</td><td class="right">${bare(best?.latencies[0]?.p50)}</td>
            <td class="right">${latencies.length > 0 ? bare(Math.min(...latencies)) : '–'}</td>
            <td class="right">${front.length > 0 ? bytes(Math.min(...front.map((member) => member.bytes))) : '–'}</td>
            <td class="right">${duration(seconds(search.startedAt, search.finishedAt))}</td></tr>`;
        })}</tbody></table></div></section>`}
    </div>`;
  }
}
customElements.define('lathe-compare', ComparePage);
