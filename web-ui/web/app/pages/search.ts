import { LitElement, html, nothing } from 'lit';
import { api, ApiError, follow, type Candidate, type Member, type Predictor, type Report, type Search } from '../api';
import '../charts/chart';
import { paretoChart, type Cost, type Quality } from '../charts/pareto';
import { predictionChart } from '../charts/prediction';
import { bare, bytes, duration, percent, seconds, whole } from '../format';
import { asCommand, asCurl, fact, isOver, problemNote, stateMark } from '../parts/common';
import '../parts/front-table';
import { memberComparison } from '../parts/member-comparison';
import { predictorTable } from '../parts/predictor-table';
import { progressView } from '../parts/stage-list';

/** Most candidates that are drawn; the service thins out more than these. */
const CLOUD = 4000;
/** Shortest time between two readings; longer where a reading itself takes long. */
const REFRESH_MILLIS = 1500;

/** One search: progress, plot, front, how it is steered. */
class SearchPage extends LitElement {
  static properties = {
    searchId: { attribute: false }, search: { state: true }, cloud: { state: true }, front: { state: true },
    predictors: { state: true }, report: { state: true }, error: { state: true }, missing: { state: true },
    live: { state: true }, cost: { state: true }, quality: { state: true }, logarithmic: { state: true },
    selected: { state: true }, now: { state: true }, copied: { state: true },
  };
  declare searchId: string;
  declare search: Search | undefined;
  declare cloud: Candidate[];
  declare front: Member[];
  declare predictors: Predictor[];
  declare report: Report | undefined;
  declare error: string | undefined;
  declare missing: boolean;
  declare live: boolean;
  declare cost: Cost;
  declare quality: Quality;
  declare logarithmic: boolean;
  declare selected: ReadonlySet<string>;
  declare now: number;
  declare copied: string;
  #stop: (() => void) | undefined;
  #clock = 0;
  #refresh = 0;
  #loadMillis = 0;

  constructor() {
    super();
    this.#clear();
    this.cost = 'latency';
    this.quality = 'validationAccuracy';
    this.logarithmic = false;
    this.now = Date.now();
    this.copied = '';
  }

  protected createRenderRoot(): HTMLElement { return this; }

  #clear(): void {
    this.search = undefined;
    this.cloud = [];
    this.front = [];
    this.predictors = [];
    this.report = undefined;
    this.error = undefined;
    this.missing = false;
    this.live = true;
    this.selected = new Set();
  }

  connectedCallback(): void {
    super.connectedCallback();
    this.#clock = window.setInterval(() => { this.now = Date.now(); }, 1000);
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#leave();
    clearInterval(this.#clock);
  }

  willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('searchId') && this.searchId) {
      this.#leave();
      this.#clear();
      const id = this.searchId;
      void this.#load(id);
      this.#stop = follow(id, {
        event: (name, data) => this.#event(name, data),
        connected: (yes) => {
          this.live = yes;
          if (yes) this.#soon();
        },
      });
    }
  }

  #leave(): void {
    this.#stop?.();
    clearTimeout(this.#refresh);
    this.#refresh = 0;
  }

  #event(name: string, data: unknown): void {
    if (!this.search) return;
    if (name === 'progress') {
      const { stage, fraction, message } = data as Partial<Search>;
      this.search = { ...this.search, stage, fraction, message };
    } else {
      this.#soon();
    }
  }

  /** Reads everything anew, but not more often than makes sense for the eye. */
  #soon(): void {
    if (this.#refresh) return;
    this.#refresh = window.setTimeout(() => {
      this.#refresh = 0;
      void this.#load(this.searchId);
    }, REFRESH_MILLIS + 3 * this.#loadMillis);
  }

  async #load(id: string): Promise<void> {
    const begin = performance.now();
    try {
      const search = await api.search(id);
      const [cloud, front, predictors, report] = await Promise.all([
        api.cloud(id, CLOUD), api.front(id), api.predictors(id),
        search.state === 'finished' ? api.report(id) : Promise.resolve(undefined),
      ]);
      if (id !== this.searchId || !this.isConnected) return;
      this.search = search;
      this.cloud = cloud.items;
      this.front = front;
      this.predictors = predictors;
      this.report = report;
      this.error = undefined;
      this.#loadMillis = performance.now() - begin;
      document.title = `${search.name} · Lathe`;
      if (isOver(search.state)) {
        this.#stop?.();
        this.live = true;
      }
    } catch (error) {
      if (id !== this.searchId) return;
      this.missing = error instanceof ApiError && error.status === 404;
      this.error = (error as Error).message;
    }
  }

  async #steer(action: 'pause' | 'resume' | 'cancel'): Promise<void> {
    if (action === 'cancel' && !confirm('Cancel this search for good? Pause keeps it resumable.')) return;
    try {
      await api.steer(this.searchId, action);
      this.#leave();
      const id = this.searchId;
      await this.#load(id);
      this.#stop = follow(id, {
        event: (name, data) => this.#event(name, data),
        connected: (yes) => { this.live = yes; },
      });
    } catch (error) {
      this.error = (error as Error).message;
    }
  }

  #buttons(search: Search) {
    const may = {
      pause: search.state === 'running' || search.state === 'queued' || search.state === 'waiting',
      resume: search.state === 'paused' || search.state === 'failed',
      cancel: !isOver(search.state),
    };
    return html`<div class="row">
      ${may.pause ? html`<button @click=${() => this.#steer('pause')}>Pause</button>` : nothing}
      ${may.resume ? html`<button class="primary" @click=${() => this.#steer('resume')}>Resume</button>` : nothing}
      ${may.cancel ? html`<button class="danger" @click=${() => this.#steer('cancel')}>Cancel</button>` : nothing}
      ${isOver(search.state) ? html`<a class="button" href="#/new?from=${search.id}">Launch again</a>` : nothing}
    </div>`;
  }

  #facts(search: Search) {
    const fastest = [...this.front].sort((a, b) => (a.latencies[0]?.p50 ?? 1e9) - (b.latencies[0]?.p50 ?? 1e9))[0];
    const best = [...this.front].sort((a, b) => (b.validationAccuracy ?? 0) - (a.validationAccuracy ?? 0))[0];
    const smallest = [...this.front].sort((a, b) => a.bytes - b.bytes)[0];
    return html`<dl class="facts large">
      ${fact('Candidates', whole(search.candidates))}
      ${fact('Networks on the front', whole(search.front))}
      ${best ? fact('Most accurate (validation)', percent(best.validationAccuracy)) : nothing}
      ${fastest ? fact('Fastest (p50)', `${bare(fastest.latencies[0]?.p50)} ms`) : nothing}
      ${smallest ? fact('Smallest', bytes(smallest.bytes)) : nothing}
      ${fact('Time', duration(seconds(search.startedAt, search.finishedAt, this.now)))}
    </dl>`;
  }

  #option<T extends string>(label: string, value: T, options: [T, string][], set: (value: T) => void) {
    return html`<label class="row small" style="gap:0.4rem"><span class="muted">${label}</span>
      <select class="inline" @change=${(event: Event) => set((event.target as HTMLSelectElement).value as T)}>
      ${options.map(([key, text]) => html`<option value=${key} ?selected=${key === value}>${text}</option>`)}</select></label>`;
  }

  #plot(search: Search) {
    const baselines = this.report?.baseline ?? [];
    const nothingYet = this.cloud.length === 0 && this.front.length === 0;
    const shown = search.candidates > this.cloud.length && this.cloud.length > 0
      ? `${whole(this.cloud.length)} of ${whole(search.candidates)} candidates drawn, all best ones among them. ` : '';
    const data = {
      candidates: this.cloud, front: this.front, baselines, cost: this.cost, quality: this.quality,
      logarithmic: this.logarithmic, selected: this.selected,
    };
    return html`<section class="card" aria-labelledby="plot-title"><header><h2 id="plot-title">Accuracy against cost</h2>
      <div class="row">
        ${this.#option<Cost>('across', this.cost, [['latency', 'latency'], ['bytes', 'file size'], ['macs', 'MACs'], ['parameters', 'parameters']],
          (value) => { this.cost = value; })}
        ${this.#option<Quality>('up', this.quality, [['validationAccuracy', 'validation'], ['testAccuracy', 'test']],
          (value) => { this.quality = value; })}
        <label class="row small" style="gap:0.4rem"><input type="checkbox" .checked=${this.logarithmic}
          @change=${() => { this.logarithmic = !this.logarithmic; }}><span class="muted">log scale</span></label>
      </div></header>
      ${nothingYet ? html`<div class="empty"><p class="muted">${isOver(search.state)
          ? 'This search ended before it looked at a network.' : 'Networks appear here as soon as the first are looked at.'}</p></div>`
        : html`<lathe-chart .draw=${(theme: never) => paretoChart(data, theme)}
          label="Plot of ${this.quality === 'testAccuracy' ? 'test' : 'validation'} accuracy against ${this.cost}: ${this.cloud.length} candidates, ${this.front.length} networks on the front, ${baselines.length} baselines. The tables below hold the figures."
          @point=${(event: CustomEvent<string>) => this.#pick(event.detail)}></lathe-chart>
          <p class="muted small">${shown}Candidates are placed by predicted latency and the supernet's accuracy; the front and the
          baselines by what was measured from their files. Zoom with ctrl and the wheel.</p>`}
    </section>`;
  }

  #pick(id: string): void {
    if (!this.front.some((member) => member.id === id)) return;
    const selected = new Set(this.selected);
    if (!selected.delete(id)) selected.add(id);
    this.selected = selected;
  }

  #members() {
    if (this.front.length === 0) return nothing;
    const chosen = this.front.filter((member) => this.selected.has(member.id));
    return html`<section class="card" aria-labelledby="front-title"><header><h2 id="front-title">Front</h2>
        <span class="muted small">Tick networks to compare or compress them.</span></header>
      <lathe-front-table .members=${this.front} .selected=${this.selected} selectable label="Networks on the front"
        @selection=${(event: CustomEvent<ReadonlySet<string>>) => { this.selected = event.detail; }}></lathe-front-table>
    </section>
    ${chosen.length > 0 ? html`<section class="card" aria-labelledby="compare-title"><header><h2 id="compare-title">Side by side</h2>
      <button class="small" @click=${() => { this.selected = new Set(); }}>Clear</button></header>
      ${memberComparison(chosen)}</section>` : nothing}`;
  }

  #baselines() {
    const baselines = this.report?.baseline ?? [];
    if (baselines.length === 0) return nothing;
    return html`<section class="card" aria-labelledby="baseline-title"><header><h2 id="baseline-title">Baselines</h2>
      <span class="muted small">Fixed networks, trained alone on the same data and measured on the same device.</span></header>
      <lathe-front-table .members=${baselines.map((b) => ({ ...b, id: b.id ?? `${b.name}-${b.precision}` }))} label="Baselines"></lathe-front-table></section>`;
  }

  #predictions() {
    if (this.predictors.length === 0) return nothing;
    const measured = [...this.front, ...(this.report?.baseline ?? [])].filter((member) => member.latencies[0]?.predicted);
    return html`<section class="card" aria-labelledby="predictor-title">
      <header><h2 id="predictor-title">How far predicted latencies can be trusted</h2></header>
      ${predictorTable(this.predictors)}
      ${measured.length < 2 ? nothing : html`<lathe-chart class="prediction" .draw=${(theme: never) => predictionChart(measured, theme)}
        style="margin-top:1rem" label="Plot of predicted against measured latency of ${measured.length} networks; the front's table holds the figures."></lathe-chart>`}
    </section>`;
  }

  #copy(what: string, text: string): void {
    void navigator.clipboard.writeText(text).then(
      () => { this.copied = what; setTimeout(() => { this.copied = ''; }, 2000); },
      () => { this.error = 'The browser did not allow copying. Maybe select the text instead.'; });
  }

  #commandBlock(what: string, title: string, text: string) {
    return html`<div class="command"><div class="row" style="justify-content:space-between">
      <span class="muted small">${title}</span>
      <button class="small" @click=${() => this.#copy(what, text)}>${this.copied === what ? 'Copied' : 'Copy'}</button></div>
      <pre>${text}</pre></div>`;
  }

  #details(search: Search) {
    const { request } = search;
    const limits = request.constraints ?? {};
    const supernet = this.report?.supernet;
    return html`<section class="card" aria-labelledby="details-title"><header><h2 id="details-title">Details</h2></header>
      <dl class="facts">
        ${fact('Data', request.data)}${fact('Seed', request.seed ?? 1)}
        ${request.minutes ? fact('Minutes asked for', request.minutes) : nothing}
        ${fact('Device', this.front[0]?.latencies[0]?.device ?? request.device ?? 'this machine')}
        ${limits.maxLatencyMillis ? fact('Latency limit', `${limits.maxLatencyMillis} ms`) : nothing}
        ${limits.maxBytes ? fact('Size limit', bytes(limits.maxBytes)) : nothing}
        ${limits.minAccuracy ? fact('Least accuracy', percent(limits.minAccuracy, 1)) : nothing}
        ${supernet ? html`${fact('Supernet', `${whole(supernet.steps)} steps, ${duration(supernet.seconds)}`)}
          ${fact('Largest / smallest subnet', `${percent(supernet.largestAccuracy, 1)} / ${percent(supernet.smallestAccuracy, 1)}`)}` : nothing}
        ${this.report?.data ? fact('Images (train / validation / test)',
          [this.report.data.train, this.report.data.validation, this.report.data.test].map((n) => whole(n)).join(' / ')) : nothing}
        ${this.report?.data?.accuracy ? fact('Accuracy', this.report.data.accuracy === 'balanced' ? 'balanced over the classes' : 'top-1') : nothing}
        ${this.report?.search ? fact('Algorithm', `${this.report.search.algorithm}, ${whole(this.report.search.evaluations)} evaluations`) : nothing}
      </dl>
      <div style="display:grid;gap:1rem;margin-top:1.1rem">
        ${this.#commandBlock('command', 'The same search as a command', asCommand(search))}
        ${this.#commandBlock('curl', 'The same search over HTTP', asCurl(search))}
      </div></section>`;
  }

  render() {
    const { search } = this;
    if (!search) {
      if (this.missing) {
        return html`<div class="card empty"><h1>No such search</h1><p class="muted">${this.error}</p>
          <a class="button" href="#/">All searches</a></div>`;
      }
      return html`<div class="page">${problemNote(this.error)}${this.error ? nothing : html`<p class="muted">Reading the search …</p>`}</div>`;
    }
    return html`<div class="page">
      <div class="heading"><div><h1>${search.name}</h1>${stateMark(search.state)}
        ${this.live ? nothing : html`<span class="muted small" role="status">connection lost, trying again …</span>`}</div>
        ${this.#buttons(search)}</div>
      ${problemNote(this.error)}
      ${search.state === 'failed' ? html`<div class="note bad" role="alert"><b>This search failed.</b> ${search.error ?? ''}</div>` : nothing}
      ${isOver(search.state) ? nothing : html`<section class="card" aria-label="Progress">${progressView(search, this.now)}</section>`}
      <section class="card" aria-label="Figures">${this.#facts(search)}</section>
      ${this.#plot(search)}
      ${this.#members()}
      ${this.#baselines()}
      ${this.#predictions()}
      ${this.#details(search)}
    </div>`;
  }
}
customElements.define('lathe-search', SearchPage);
