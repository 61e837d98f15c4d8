import { LitElement, html, nothing } from 'lit';
import { api, ApiError, follow, type Candidate, type DataReport, type Member, type Predictor, type Report, type Search } from '../api';
import '../charts/chart';
import { historyChart } from '../charts/history';
import { paretoChart } from '../charts/pareto';
import { predictionChart } from '../charts/prediction';
import { duration, percent, seconds, whole } from '../format';
import { deviceOf, figuresOf, isMaximized, metricTitle, metricsOf, written } from '../metrics';
import { asCommand, asCurl, fact, isOver, problemNote, stateMark } from '../parts/common';
import { dataReport } from '../parts/data-report';
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
    predictors: { state: true }, images: { state: true }, report: { state: true }, error: { state: true }, missing: { state: true },
    live: { state: true }, across: { state: true }, upwards: { state: true }, history: { state: true }, opened: { state: true }, logarithmic: { state: true },
    selected: { state: true }, now: { state: true }, copied: { state: true },
  };
  declare searchId: string;
  declare search: Search | undefined;
  declare cloud: Candidate[];
  declare front: Member[];
  declare predictors: Predictor[];
  declare images: DataReport | undefined;
  declare report: Report | undefined;
  declare error: string | undefined;
  declare missing: boolean;
  declare live: boolean;
  /** Metrics on the axes; empty for the search's own objectives. */
  declare across: string;
  declare upwards: string;
  declare history: [number, number][];
  /** The candidate that is looked at. */
  declare opened: Candidate | undefined;
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
    this.images = undefined;
    this.report = undefined;
    this.error = undefined;
    this.missing = false;
    this.live = true;
    this.selected = new Set();
    this.history = [];
    this.opened = undefined;
    this.across = '';
    this.upwards = '';
  }

  connectedCallback(): void {
    super.connectedCallback();
    this.#clock = window.setInterval(() => { if (this.search && !isOver(this.search.state)) this.now = Date.now(); }, 1000);
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
      const [cloud, front, predictors, history, images, report] = await Promise.all([
        api.cloud(id, CLOUD), api.front(id), api.predictors(id), api.hypervolume(id),
        this.images ?? api.dataReport(id), // once read, they stay as they are
        search.state === 'finished' ? api.report(id) : Promise.resolve(undefined),
      ]);
      if (id !== this.searchId || !this.isConnected) return;
      this.search = search;
      this.cloud = cloud.items;
      const unseen = new Map((report?.front ?? []).map((member) => [String(member.artifactId), member.crossValidated]));
      this.front = front.map((member) => ({ ...member, crossValidated: unseen.get(String(member.artifactId)) }));
      this.predictors = predictors;
      this.history = history;
      this.images = images;
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

  async #delete(search: Search): Promise<void> {
    if (!confirm(`Delete "${search.name}" with its candidates, measurements and files? They cannot be brought back.`)) return;
    try {
      await api.remove(`searches/${this.searchId}`);
      location.hash = '#/';
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
      ${isOver(search.state) ? html`<button class="danger" @click=${() => void this.#delete(search)}>Delete</button>
        <a class="button" href="#/new?from=${search.id}">Launch again</a>` : nothing}
    </div>`;
  }

  #facts(search: Search) {
    const best = search.best?.figures ?? {};
    const objectives = (search.request.objectives ?? []).map((goal) => goal.maximize ?? goal.minimize ?? '');
    const shown = objectives.length > 0 ? objectives : Object.keys(best).filter((metric) => /^(accuracy|bytes|latency@)/.test(metric));
    return html`<dl class="facts large">
      ${fact('Candidates', whole(search.candidates))}
      ${fact('Networks on the front', this.front.length > 0 || isOver(search.state) ? whole(search.front)
        : whole(this.cloud.filter((candidate) => candidate.nonDominated).length))}
      ${shown.filter((metric) => best[metric] !== undefined).map((metric) =>
        fact(`Best ${metricTitle(metric)}${deviceOf(metric) ? ` on ${deviceOf(metric)}` : ''}`, written(metric, best[metric])))}
      ${fact('Time', duration(seconds(search.startedAt, search.finishedAt, this.now)))}
    </dl>`;
  }

  #option<T extends string>(label: string, value: T, options: [T, string][], set: (value: T) => void) {
    return html`<label class="row small" style="gap:0.4rem"><span class="muted">${label}</span>
      <select class="inline" @change=${(event: Event) => set((event.target as HTMLSelectElement).value as T)}>
      ${options.map(([key, text]) => html`<option value=${key} ?selected=${key === value}>${text}</option>`)}</select></label>`;
  }

  /** The metrics that can be drawn, and which are on the axes. */
  #axes(search: Search): { metrics: string[]; across: string; upwards: string } {
    const metrics = [...new Set([...metricsOf(this.front), ...metricsOf(this.cloud)])];
    const objectives = (search.request.objectives ?? []).map((goal) => goal.maximize ?? goal.minimize ?? '')
      .filter((metric) => metrics.includes(metric));
    const upwards = objectives.find(isMaximized) ?? metrics.find(isMaximized) ?? objectives[1] ?? metrics[0] ?? '';
    const across = objectives.find((metric) => metric !== upwards) ?? metrics.find((metric) => metric.startsWith('latency@'))
      ?? metrics.find((metric) => metric !== upwards) ?? '';
    return {
      metrics,
      across: metrics.includes(this.across) ? this.across : across,
      upwards: metrics.includes(this.upwards) ? this.upwards : upwards,
    };
  }

  #plot(search: Search) {
    const baselines = this.report?.baseline ?? [];
    const nothingYet = this.cloud.length === 0 && this.front.length === 0;
    const shown = search.candidates > this.cloud.length && this.cloud.length > 0
      ? `${whole(this.cloud.length)} of ${whole(search.candidates)} candidates drawn, all best ones among them. ` : '';
    const { metrics, across, upwards } = this.#axes(search);
    const objectives = search.request.objectives?.length ?? 3;
    const data = {
      candidates: this.cloud, front: this.front, baselines, across, upwards, objectives,
      logarithmic: this.logarithmic, selected: this.selected,
    };
    const names = metrics.map((metric): [string, string] =>
      [metric, `${metricTitle(metric)}${deviceOf(metric) ? ` on ${deviceOf(metric)}` : ''}`]);
    return html`<section class="card" aria-labelledby="plot-title"><header><h2 id="plot-title">Trade-offs</h2>
      <div class="row">
        ${this.#option<string>('Horizontal', across, names, (value) => { this.across = value; })}
        ${this.#option<string>('Vertical', upwards, names, (value) => { this.upwards = value; })}
        <label class="row small" style="gap:0.4rem"><input type="checkbox" .checked=${this.logarithmic}
          @change=${() => { this.logarithmic = !this.logarithmic; }}><span class="muted">log scale</span></label>
      </div></header>
      ${nothingYet ? html`<div class="empty"><p class="muted">${isOver(search.state)
          ? 'This search ended before it evaluated a network.' : 'Networks appear here as soon as the first are evaluated.'}</p></div>`
        : html`<lathe-chart .draw=${(theme: never) => paretoChart(data, theme)} view="${across} ${upwards} ${this.logarithmic}"
          label="Plot of ${metricTitle(upwards)} against ${metricTitle(across)}: ${this.cloud.length} candidates, ${this.front.length} networks on the front, ${baselines.length} baselines. The tables below hold the figures."
          @point=${(event: CustomEvent<string>) => this.#pick(event.detail)}></lathe-chart>
          <p class="muted small">${shown}Candidates are placed by what the search knew of them, predictions among it; the front and
          the baselines by what was measured from their files.
          ${objectives > 2 ? 'With more than two objectives the best need not lie on the edge of these two; the dashed line is the best of these two alone. ' : ''}
          Choose a candidate to open it. Zoom with ctrl and the wheel.</p>`}
      ${this.opened ? this.#candidate(this.opened) : nothing}
    </section>
    ${this.history.length < 2 ? nothing : html`<section class="card" aria-labelledby="history-title"><header><h2 id="history-title">Hypervolume</h2>
      <span class="muted small">Of the front after each evaluation, in the box of the first batch.</span></header>
      <lathe-chart class="history" .draw=${(theme: never) => historyChart(this.history, theme)}
        label="Hypervolume over ${this.history[this.history.length - 1][0]} evaluations"></lathe-chart></section>`}`;
  }

  /** A candidate with its genes and figures. */
  #candidate(candidate: Candidate) {
    return html`<div class="card" style="margin-top:1rem" role="region" aria-label="Candidate ${candidate.id}">
      <header><h3>Candidate ${candidate.id}, generation ${candidate.generation}</h3>
        <button class="small" @click=${() => { this.opened = undefined; }}>Close</button></header>
      ${candidate.failure ? html`<p class="note bad">${candidate.failure}</p>` : nothing}
      <dl class="facts">${Object.entries(figuresOf(candidate)).map(([metric, figure]) =>
        fact(`${metricTitle(metric)}${deviceOf(metric) ? ` on ${deviceOf(metric)}` : ''} (${figure.source})`,
          `${written(metric, figure.value)}${figure.lower < figure.upper
            ? ` (${written(metric, figure.lower)} – ${written(metric, figure.upper)})` : ''}`))}
        ${Object.entries(candidate.architecture).map(([gene, choice]) => fact(gene, choice))}</dl></div>`;
  }

  #pick(id: string): void {
    const candidate = this.cloud.find((one) => `c${one.id}` === id);
    if (candidate) {
      this.opened = candidate;
      return;
    }
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
    ${this.#closing()}
    ${chosen.length > 0 ? html`<section class="card" aria-labelledby="compare-title"><header><h2 id="compare-title">Side by side</h2>
      <button class="small" @click=${() => { this.selected = new Set(); }}>Clear</button></header>
      ${memberComparison(chosen)}</section>` : nothing}`;
  }

  #closing() {
    const lines = this.report?.closing ?? [];
    if (lines.length === 0) return nothing;
    return html`<section class="card" aria-labelledby="closing-title"><header><h2 id="closing-title">How sure this is</h2></header>
      <ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></section>`;
  }

  #baselines() {
    const baselines = this.report?.baseline ?? [];
    if (baselines.length === 0) return nothing;
    const model = this.report?.model?.transfer ? undefined : this.report?.model;
    return html`<section class="card" aria-labelledby="baseline-title"><header><h2 id="baseline-title">${model ? 'Original' : 'Baselines'}</h2>
      <span class="muted small">${model ? `The model that was brought, measured on the same device: the point to beat. Channels were sorted by ${model.order.toLowerCase()}.`
        : 'Fixed networks and linear classifiers on fixed features, trained alone on the same data and measured on the same device.'}</span></header>
      ${(model?.keptWhole ?? []).map((group) => html`<p class="muted small">Kept whole: ${group.size} channels of ${group.channels} (${group.node}: ${group.reason})</p>`)}
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
    const table = (request.space as { table?: string } | undefined)?.table;
    const supernet = this.report?.supernet;
    const goals = (request.objectives ?? []).map((goal) => goal.maximize ? `more ${goal.maximize}` : `less ${goal.minimize}`);
    const limits = (Array.isArray(request.constraints) ? request.constraints : []).map((limit) => limit.atMost !== undefined
      ? `${limit.metric} at most ${written(limit.metric, limit.atMost)}` : `${limit.metric} at least ${written(limit.metric, limit.atLeast)}`);
    const dropped = Object.entries(this.report?.forms?.dropped ?? {});
    return html`<section class="card" aria-labelledby="details-title"><header><h2 id="details-title">Details</h2></header>
      <dl class="facts">
        ${table ? fact('Table', table) : fact('Data', request.data ?? 'builtin')}${fact('Seed', request.seed ?? 1)}
        ${request.budget?.minutes ? fact('Minutes asked for', request.budget.minutes) : nothing}
        ${(request.devices ?? []).length > 0 ? fact('Devices', request.devices!.join(', ')) : nothing}
        ${goals.length > 0 ? fact('Objectives', goals.join(', ')) : nothing}
        ${limits.length > 0 ? fact('Constraints', limits.join(', ')) : nothing}
        ${request.method ? fact('Method', request.method.name) : nothing}
        ${(request.forms ?? []).length > 0 ? fact('Forms', request.forms!.join(', ')) : nothing}
        ${dropped.map(([form, reason]) => fact(`Left out: ${form}`, reason))}
        ${supernet ? html`${fact('Supernet', `${whole(supernet.steps)} steps, ${duration(supernet.seconds)}`)}
          ${fact('Largest / smallest subnet', `${percent(supernet.largestAccuracy, 1)} / ${percent(supernet.smallestAccuracy, 1)}`)}` : nothing}
        ${this.report?.data ? fact('Images (train / validation / test)',
          [this.report.data.train, this.report.data.validation, this.report.data.test].map((n) => whole(n)).join(' / ')) : nothing}
        ${this.report?.data?.accuracy ? fact('Accuracy', this.report.data.accuracy === 'balanced' ? 'balanced over the classes' : 'top-1') : nothing}
        ${this.report?.search ? fact('Search', `${whole(this.report.search.evaluations)} evaluations, ${duration(this.report.search.seconds)}`) : nothing}
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
    const noted = this.images !== undefined && this.images.warnings.length + this.images.unreadable.length > 0;
    return html`<div class="page">
      <div class="heading"><div><h1>${search.name}</h1>${stateMark(search.state)}
        ${this.live ? nothing : html`<span class="muted small" role="status">connection lost, trying again …</span>`}</div>
        ${this.#buttons(search)}</div>
      ${problemNote(this.error)}
      ${search.state === 'failed' ? html`<div class="note bad" role="alert"><b>This search failed.</b> ${search.error ?? ''}</div>` : nothing}
      ${isOver(search.state) ? nothing : html`<section class="card" aria-label="Progress">${progressView(search, this.now)}</section>`}
      ${noted ? dataReport(this.images) : nothing}
      <section class="card" aria-label="Figures">${this.#facts(search)}</section>
      ${this.#plot(search)}
      ${this.#members()}
      ${this.#baselines()}
      ${this.#predictions()}
      ${noted ? nothing : dataReport(this.images)}
      ${this.#details(search)}
    </div>`;
  }
}
customElements.define('lathe-search', SearchPage);
