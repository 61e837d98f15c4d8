import { LitElement, html, nothing } from 'lit';
import {
  api, ApiError, type DataSet, type Device, type Goal, type LaunchRequest, type Limit, type Method, type Quantity, type RecordedTable, type Space,
} from '../api';
import { isMaximized, isShare, metricTitle } from '../metrics';
import { field, problemNote, randomKey } from '../parts/common';

type Kind = 'builtin' | 'stored' | 'folder' | 'idx' | 'cifar' | 'table';

const KINDS: [Kind, string, string][] = [
  ['builtin', 'Built-in shapes', 'Ten classes of drawn shapes; nothing to download.'],
  ['stored', 'A data set that Lathe has', 'Sent before, or registered by ./lathe dataset.'],
  ['folder', 'Image folder, sent now', 'One folder a class, JPEG or PNG; below train/ and test/ or directly.'],
  ['idx', 'IDX files, sent now', 'MNIST and its relatives, plain or gzipped.'],
  ['cifar', 'CIFAR, sent now', 'CIFAR-10 or CIFAR-100 in the binary form.'],
  ['table', 'Table of measurements', 'Rows of recorded figures are searched; nothing is trained.'],
];

/** Stands for a trained model among the names of spaces, which have no colon. */
const MODEL = ':model';

/** What may be wrong, by field of the request or of the form. */
type Errors = Record<string, string | undefined>;

/** The form that launches a search, with the request that it makes beside it; both can be edited. */
class LaunchPage extends LitElement {
  static properties = {
    from: { attribute: false }, request: { state: true }, typed: { state: true }, source: { state: true }, errors: { state: true },
    problem: { state: true }, devices: { state: true }, spaces: { state: true }, methods: { state: true }, forms: { state: true },
    quantities: { state: true }, tables: { state: true }, dataSets: { state: true }, sent: { state: true }, sending: { state: true }, told: { state: true },
  };
  /** Number of the search whose request the form begins with, if any. */
  declare from: string;
  declare request: LaunchRequest;
  /** What was typed where it is no number yet, by field. */
  declare typed: Record<string, string>;
  /** The request as it was typed while that is no JSON; undefined where the request is shown. */
  declare source: string | undefined;
  declare errors: Errors;
  declare problem: string | undefined;
  declare told: string;
  declare devices: Device[];
  declare spaces: Space[];
  declare methods: Method[];
  declare forms: string[];
  declare quantities: Quantity[];
  declare tables: RecordedTable[];
  declare dataSets: DataSet[];
  /** Which kind of data comes with the launch; empty where it is there already. */
  declare sent: Kind | '';
  declare sending: boolean;
  // One key for each thing that is asked: a double click launches one search.
  #key = randomKey();

  constructor() {
    super();
    this.from = '';
    this.request = { data: 'builtin', seed: 1, budget: { minutes: 6 } };
    this.typed = {};
    this.errors = {};
    this.told = '';
    this.devices = [];
    this.spaces = [];
    this.methods = [];
    this.forms = [];
    this.quantities = [];
    this.tables = [];
    this.dataSets = [];
    this.sent = '';
    this.sending = false;
  }

  protected createRenderRoot(): HTMLElement { return this; }

  connectedCallback(): void {
    super.connectedCallback();
    document.title = 'New search · Lathe';
    const wrong = (error: Error) => { this.problem = error.message; };
    void api.devices().then((devices) => { this.devices = devices; }, wrong);
    void api.spaces().then((spaces) => { this.spaces = spaces; }, () => {});
    void api.methods().then((methods) => { this.methods = methods; }, () => {});
    void api.forms().then((forms) => { this.forms = forms; }, () => {});
    void api.quantities().then((quantities) => { this.quantities = quantities; }, () => {});
    void api.dataSets().then((sets) => { this.dataSets = sets; }, () => {});
    void api.tables().then((tables) => { this.tables = tables; }, () => {});
    if (this.from) void api.search(this.from).then((search) => { this.#change(search.request); }, wrong);
  }

  #change(change: Partial<LaunchRequest>): void {
    const request = { ...this.request, ...change };
    for (const key of Object.keys(request) as (keyof LaunchRequest)[]) {
      const value = request[key];
      const empty = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
      if (empty) delete request[key];
    }
    this.request = request;
    this.source = undefined;
    this.told = '';
    this.errors = {};
    this.#key = randomKey();
  }

  #edit(text: string): void {
    this.source = text;
    this.#key = randomKey();
    try {
      const request = JSON.parse(text) as LaunchRequest;
      this.request = request;
      this.typed = {};
      this.errors = { ...this.errors, source: undefined };
    } catch (error) {
      this.errors = { ...this.errors, source: `This is no JSON: ${(error as Error).message}` };
    }
  }

  // ---- what the request says

  get #table(): string | undefined {
    return (this.request.space as { table?: string } | undefined)?.table;
  }

  /** The trained model that is cut, by its hash; empty while none is sent. */
  get #model(): string | undefined {
    return (this.request.space as { model?: string } | undefined)?.model;
  }

  get #kind(): Kind {
    if (this.sent) return this.sent;
    if (this.#table !== undefined) return 'table';
    return (this.request.data ?? 'builtin').startsWith('dataset:') ? 'stored' : 'builtin';
  }

  get #spaceKind(): string { return this.#table !== undefined ? 'table' : this.#model !== undefined ? 'model' : 'network'; }

  /** The metrics that can be named, given table and devices. */
  #metrics(): string[] {
    if (this.#table !== undefined) return this.tables.find((table) => table.name === this.#table)?.metrics ?? [];
    const devices = this.request.devices ?? this.devices.filter((one) => one.here && one.state !== 'offline').slice(0, 1).map((one) => one.name);
    const plain = ['accuracy', 'bytes', 'parameters', 'macs'];
    const on = this.quantities.filter((quantity) => quantity.onDevice && /^(latency|energy|peakMemory|coldStart)/.test(quantity.symbol));
    return [...plain, ...devices.flatMap((device) => on.map((quantity) => `${quantity.symbol}@${device}`)),
      ...(devices.length === 0 ? ['latency'] : [])];
  }

  #limit(kind: (metric: string) => boolean): Limit | undefined {
    return (this.request.constraints ?? []).find((limit) => kind(limit.metric));
  }

  // ---- fields

  #number(name: string, label: string, hint: string, value: number | undefined, set: (value: number | undefined) => void,
    least: number, most: number, wrong: string, placeholder = '') {
    return field(name, label, hint, this.errors[name], (attributes) => html`<input id=${attributes.id}
      .value=${this.typed[name] ?? (value === undefined ? '' : String(value))} inputmode="decimal" placeholder=${placeholder}
      autocomplete="off" spellcheck="false" aria-invalid=${attributes.invalid} aria-describedby=${attributes.describedBy}
      @input=${(event: Event) => {
        const text = (event.target as HTMLInputElement).value.trim();
        const number = Number(text);
        const bad = text !== '' && !(Number.isFinite(number) && number >= least && number <= most);
        this.typed = { ...this.typed, [name]: text };
        if (!bad) set(text === '' ? undefined : number);
        this.#wrong = { ...this.#wrong, [name]: bad ? wrong : undefined };
      }}>`);
  }

  /** What is wrong with numbers as they are typed; shown when the form is sent. */
  #wrong: Errors = {};

  #text(name: string, label: string, hint: string, value: string, set: (value: string) => void, placeholder = '') {
    return field(name, label, hint, this.errors[name], (attributes) => html`<input id=${attributes.id} .value=${value}
      placeholder=${placeholder} autocomplete="off" spellcheck="false" aria-invalid=${attributes.invalid}
      aria-describedby=${attributes.describedBy} @input=${(event: Event) => set((event.target as HTMLInputElement).value)}>`);
  }

  #choice(name: string, label: string, hint: string, value: string, options: [string, string, string?][], set: (value: string) => void) {
    return field(name, label, hint, this.errors[name], (attributes) => html`<select id=${attributes.id}
      aria-describedby=${attributes.describedBy} aria-invalid=${attributes.invalid}
      @change=${(event: Event) => set((event.target as HTMLSelectElement).value)}>
      ${options.map(([key, text, why]) => html`<option value=${key} ?selected=${value === key} ?disabled=${why !== undefined}
        title=${why ?? nothing}>${text}${why ? ` (${why})` : ''}</option>`)}</select>`);
  }

  #ticks(name: string, label: string, hint: string, chosen: string[], options: [string, string, string?][], set: (chosen: string[]) => void) {
    return html`<fieldset class="ticks" aria-describedby="hint-${name}"><legend>${label}</legend>
      <div class="row">${options.map(([key, text, why]) => html`<label class="row small" style="gap:0.35rem" title=${why ?? nothing}>
        <input type="checkbox" .checked=${chosen.includes(key)} ?disabled=${why !== undefined && !chosen.includes(key)}
          @change=${() => set(chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key])}>
        <span class=${why ? 'muted' : ''}>${text}${why ? ` – ${why}` : ''}</span></label>`)}</div>
      ${this.errors[name] ? html`<span class="wrong" role="alert">${this.errors[name]}</span>` : nothing}
      <span class="hint" id="hint-${name}">${hint}</span></fieldset>`;
  }

  #chooseKind(kind: string): void {
    this.sent = ['folder', 'idx', 'cifar'].includes(kind) ? kind as Kind : '';
    if (kind === 'table') {
      this.#change({ data: undefined, devices: undefined, forms: undefined, objectives: undefined, constraints: undefined,
        space: { table: this.tables[0]?.name ?? '' }, budget: { evaluations: 500 } });
    } else {
      this.#change({ data: kind === 'stored' ? 'dataset:' : 'builtin', ...(this.#table === undefined ? {} : { space: undefined, objectives: undefined, constraints: undefined }) });
    }
  }

  #task() {
    const kind = KINDS.find(([key]) => key === this.#kind)!;
    const [, ...rest] = (this.request.data ?? '').split(':');
    return html`<fieldset class="card"><legend>Task</legend><div class="form">
      ${this.#choice('data', 'Data', kind[2], this.#kind, KINDS.map(([key, title]) => [key, title]), (value) => this.#chooseKind(value))}
      ${this.#kind === 'builtin' ? nothing : this.#kind === 'table' ? this.#tableChoice()
        : this.#kind === 'stored' ? this.#choice('dataset', 'Data set', 'By name.', rest.join(':'), [['', 'Choose …'],
          ...this.dataSets.map((set): [string, string] => [set.name, `${set.name} (${set.kind})`])],
        (value) => this.#change({ data: `dataset:${value}` }))
        : field('dataset', 'Archive', 'zip, tar or tar.gz. Lathe keeps it, for further searches too.',
          this.errors.dataset, (attributes) => html`<input id=${attributes.id} type="file" accept=".zip,.tar,.tgz,.gz"
          aria-invalid=${attributes.invalid} aria-describedby=${attributes.describedBy}
          @change=${() => { this.errors = { ...this.errors, dataset: undefined }; }}>`)}
      ${this.#text('name', 'Name', 'For you; made from the data if empty.', this.request.name ?? '', (value) => this.#change({ name: value }))}
      ${this.#table !== undefined ? nothing : this.#choice('space', 'Search space',
        this.#model !== undefined ? 'Channels and branches of the model are left out; it is the point to beat.'
          : this.spaces.find((space) => space.name === this.request.space)?.description ?? 'What the networks may look like.',
        this.#model !== undefined ? MODEL : typeof this.request.space === 'string' ? this.request.space : '',
        [['', this.#model === undefined && this.request.space && typeof this.request.space !== 'string' ? 'As in the source' : 'The one that fits the data'],
          [MODEL, 'A trained model of mine, made slimmer'],
          ...this.spaces.map((space): [string, string] => [space.name, space.name])],
        (value) => this.#change({ space: value === MODEL ? { model: '' } : value || undefined }))}
      ${this.#model === undefined ? nothing : field('send-model', 'ONNX file',
        this.#model ? `Lathe has it: ${this.#model.slice(0, 19)}…` : 'A classifier of the data\'s classes, up to 64 MB.', this.errors['send-model'],
        (attributes) => html`<input id=${attributes.id} type="file" accept=".onnx" aria-invalid=${attributes.invalid}
          aria-describedby=${attributes.describedBy} @change=${(event: Event) => void this.#sendModel(event)}>`)}
    </div></fieldset>`;
  }

  #tableChoice() {
    return html`${this.#choice('table', 'Table', 'CSV with columns gene:NAME and metric:NAME_UNIT.', this.#table ?? '',
      [...(this.tables.length === 0 ? [['', 'none yet'] as [string, string]] : []),
        ...this.tables.map((table): [string, string] => [table.name, `${table.name} (${table.rows} rows)`])],
      (value) => this.#change({ space: { table: value }, objectives: undefined, constraints: undefined }))}
      ${field('send-table', 'Send a table', 'Plain or gzipped CSV.', this.errors['send-table'], (attributes) => html`<input id=${attributes.id}
        type="file" accept=".csv,.gz" aria-describedby=${attributes.describedBy} @change=${(event: Event) => void this.#sendTable(event)}>`)}`;
  }

  async #sendModel(event: Event): Promise<void> {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (!file) return;
    try {
      const sha256 = await api.sendModel(file);
      this.#change({ space: { model: `sha256:${sha256}` } });
    } catch (error) {
      this.errors = { ...this.errors, 'send-model': (error as Error).message };
    }
  }

  async #sendTable(event: Event): Promise<void> {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (!file) return;
    try {
      const table = await api.sendTable(file.name.replace(/\.csv(\.gz)?$/, '').replace(/[^\w.-]/g, '-'), file);
      this.tables = await api.tables();
      this.#change({ space: { table: table.name }, objectives: undefined, constraints: undefined });
    } catch (error) {
      this.errors = { ...this.errors, 'send-table': (error as Error).message };
    }
  }

  #wants() {
    const metrics = this.#metrics();
    const known = (metric: string) => metrics.includes(metric) ? metrics : [metric, ...metrics];
    const goals = this.request.objectives ?? [];
    const limits = this.request.constraints ?? [];
    const setGoal = (i: number, goal: Goal | undefined) =>
      this.#change({ objectives: goals.flatMap((one, j) => j === i ? (goal ? [goal] : []) : [one]) });
    const setLimit = (i: number, limit: Limit | undefined) =>
      this.#change({ constraints: limits.flatMap((one, j) => j === i ? (limit ? [limit] : []) : [one]) });
    const select = (label: string, value: string, options: string[], set: (value: string) => void) =>
      html`<select class="inline" aria-label=${label} @change=${(event: Event) => set((event.target as HTMLSelectElement).value)}>
        ${options.map((option) => html`<option value=${option} ?selected=${option === value}>${option}</option>`)}</select>`;
    const goalOf = (metric: string, maximize: boolean, before?: Goal): Goal => {
      const { maximize: _a, minimize: _b, ...more } = before ?? {};
      return maximize ? { maximize: metric, ...more } : { minimize: metric, ...more };
    };
    const latency = this.#limit((metric) => metric === 'latency' || metric.startsWith('latency@'));
    return html`<fieldset class="card"><legend>Objectives and limits</legend>
      ${goals.length === 0 ? html`<p class="muted small">${this.#table !== undefined ? 'The first accuracy and the first latency of the table.'
        : 'Accuracy, latency on each device, and file size: what is left open is decided at the launch.'}</p>` : nothing}
      ${goals.map((goal, i) => html`<div class="row" style="margin-bottom:0.4rem">
        ${select(`Direction of objective ${i + 1}`, goal.maximize ? 'maximize' : 'minimize', ['maximize', 'minimize'],
          (value) => setGoal(i, goalOf(goal.maximize ?? goal.minimize!, value === 'maximize', goal)))}
        ${select(`Metric of objective ${i + 1}`, goal.maximize ?? goal.minimize ?? '', known(goal.maximize ?? goal.minimize ?? ''),
          (value) => setGoal(i, goalOf(value, isMaximized(value))))}
        <button type="button" class="small" aria-label="Remove objective ${i + 1}" @click=${() => setGoal(i, undefined)}>Remove</button></div>`)}
      ${limits.filter((limit) => limit !== latency).map((limit) => {
        const i = limits.indexOf(limit);
        const side = limit.atMost !== undefined ? 'at most' : 'at least';
        const bound = limit.atMost ?? limit.atLeast ?? 0;
        const put = (metric: string, way: string, value: number) => setLimit(i, way === 'at most' ? { metric, atMost: value } : { metric, atLeast: value });
        return html`<div class="row" style="margin-bottom:0.4rem"><span class="muted small">limit</span>
          ${select(`Metric of limit ${i + 1}`, limit.metric, known(limit.metric), (value) => put(value, side, bound))}
          ${select(`Side of limit ${i + 1}`, side, ['at most', 'at least'], (value) => put(limit.metric, value, bound))}
          <input class="inline" style="width:8rem" inputmode="decimal" aria-label="Bound of limit ${i + 1}" .value=${String(bound)}
            @change=${(event: Event) => {
              const value = Number((event.target as HTMLInputElement).value);
              if (Number.isFinite(value)) put(limit.metric, side, value);
            }}><span class="muted small">${isShare(limit.metric) ? 'as a share, 0.9 is 90 %' : ''}</span>
          <button type="button" class="small" aria-label="Remove limit ${i + 1}" @click=${() => setLimit(i, undefined)}>Remove</button></div>`;
      })}
      <div class="row" style="margin:0.4rem 0 0.8rem">
        <button type="button" class="small" ?disabled=${metrics.length === 0} @click=${() => {
          const fresh = metrics.find((metric) => !goals.some((goal) => (goal.maximize ?? goal.minimize) === metric)) ?? metrics[0];
          this.#change({ objectives: [...goals, goalOf(fresh, isMaximized(fresh))] });
        }}>Add an objective</button>
        <button type="button" class="small" ?disabled=${metrics.length === 0} @click=${() => {
          const fresh = metrics.find((metric) => !limits.some((limit) => limit.metric === metric) && !metric.startsWith('latency')) ?? metrics[0];
          this.#change({ constraints: [...limits, isMaximized(fresh) ? { metric: fresh, atLeast: 0 } : { metric: fresh, atMost: fresh === 'bytes' ? 1_000_000 : 1 }] });
        }}>Add a limit</button></div>
      <div class="form">${this.#number('latencyLimit', 'Latency limit (ms)', `Of ${metricTitle('latency')}, by the end of its interval during the search and as measured in the end. Empty: no limit.`,
        latency?.atMost, (value) => {
          const others = limits.filter((limit) => limit !== latency);
          const metric = latency?.metric ?? metrics.find((one) => one.startsWith('latency')) ?? 'latency';
          this.#change({ constraints: value === undefined ? others : [...others, { metric, atMost: value }] });
        }, 1e-9, 1e9, 'The latency limit must be above 0 milliseconds.', 'none')}</div>
      ${['objectives', 'constraints'].map((name) => Object.entries(this.errors).filter(([key]) => key.startsWith(name))
        .map(([, text]) => text ? html`<p class="wrong" role="alert">${text}</p>` : nothing))}
    </fieldset>`;
  }

  #how() {
    const table = this.#table !== undefined;
    const name = this.request.method?.name ?? '';
    const method = this.methods.find((one) => one.name === name);
    const devices = this.request.devices ?? [];
    const usual = this.devices.find((device) => device.here && device.state !== 'offline')
      ?? this.devices.find((device) => device.state !== 'offline');
    const unknown = devices.filter((one) => !this.devices.some((device) => device.name === one));
    const forms = this.request.forms ?? [];
    return html`<fieldset class="card"><legend>How</legend>
      ${table ? nothing : this.#ticks('devices', 'Devices',
        usual ? `Where networks are measured; ${usual.name} if none is chosen.`
          : 'No device is connected. Maybe start an agent: ./lathe agent --server URL --key-file FILE --name NAME', devices,
        [...this.devices.map((device): [string, string, string?] =>
          [device.name, device.name, device.state === 'offline' ? 'offline' : undefined]),
        ...unknown.map((one): [string, string, string?] => [one, one, 'not known'])],
        (chosen) => this.#change({ devices: chosen, objectives: undefined }))}
      <div class="form">
        ${this.#choice('method', 'Method', method?.description ?? 'By models where evaluating takes long, NSGA-II where it costs nothing.', name,
          [['', 'The usual one'], ...this.methods.map((one): [string, string, string?] => [one.name, one.name, one.refuses[this.#spaceKind]])],
          (value) => this.#change({ method: value ? { name: value } : undefined }))}
        ${(method?.settings ?? []).map((setting) => this.#setting(setting))}
      </div>
      ${table ? nothing : this.#ticks('forms', 'Forms', forms.length === 0 ? 'float32 and int8 if none is chosen. What gains nothing on the devices is left out early.'
        : 'What gains nothing on the devices is left out early; the report says why.', forms, this.forms.map((form) => [form, form]),
        (chosen) => this.#change({ forms: chosen }))}
    </fieldset>`;
  }

  #setting(setting: Method['settings'][number]) {
    const method = this.request.method!;
    const value = method[setting.name];
    if (Array.isArray(setting.standard)) {
      return this.#text(`method.${setting.name}`, setting.name, setting.description, Array.isArray(value) ? value.join(', ') : '', (text) => {
        const list = text.split(/[,\s]+/).filter(Boolean).map(Number);
        this.#change({ method: { ...method, [setting.name]: list.length > 0 && list.every(Number.isFinite) ? list : undefined } as LaunchRequest['method'] });
      });
    }
    return this.#number(`method.${setting.name}`, setting.name, `${setting.description}; ${String(setting.standard)} by default`,
      value as number | undefined, (number) => {
        const next = { ...method, [setting.name]: number };
        if (number === undefined) delete next[setting.name];
        this.#change({ method: next });
      }, -1e12, 1e12, `${setting.name} must be a number.`, String(setting.standard));
  }

  #effort() {
    const budget = this.request.budget ?? {};
    const set = (change: Partial<NonNullable<LaunchRequest['budget']>>) => {
      const next = { ...budget, ...change };
      for (const key of Object.keys(next) as (keyof typeof next)[]) if (next[key] === undefined) delete next[key];
      this.#change({ budget: Object.keys(next).length > 0 ? next : undefined });
    };
    return html`<fieldset class="card"><legend>Effort</legend><div class="form">
      ${this.#table !== undefined ? nothing : this.#number('minutes', 'Minutes', 'For everything: training, search, compression, measurement.',
        budget.minutes, (value) => set({ minutes: value }), 0.1, 20160, 'Minutes must be between 0.1 and 20160 (two weeks).')}
      ${this.#number('evaluations', 'Evaluations', 'Architectures that the search evaluates. Empty: as many as the method needs.', budget.evaluations,
        (value) => set({ evaluations: value === undefined ? undefined : Math.round(value) }), 1, 1e7, 'Evaluations must be a whole number from 1.', 'as needed')}
      ${this.#number('seed', 'Seed', 'The same seed repeats the same run.', this.request.seed, (value) => this.#change({ seed: value }),
        Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'The seed must be a whole number.')}
    </div></fieldset>`;
  }

  #sourceCard() {
    return html`<section class="card" aria-labelledby="source-title"><header><h2 id="source-title">The request</h2>
      <button type="button" class="small" @click=${() => void this.#fill()}>Fill in what is open</button></header>
      <textarea id="field-source" aria-label="Source of the request" spellcheck="false" rows="14" style="width:100%;font-family:monospace"
        .value=${this.source ?? JSON.stringify(this.request, null, 2)}
        @input=${(event: Event) => this.#edit((event.target as HTMLTextAreaElement).value)}></textarea>
      ${this.errors.source ? html`<span class="wrong" role="alert">${this.errors.source}</span>` : nothing}
      <p class="muted small">${this.told || 'What is sent: the same as for ./lathe search --request FILE and for the API. Both sides can be edited.'}</p></section>`;
  }

  // ---- sending

  #bad(): boolean {
    const errors: Errors = { ...this.#wrong };
    if (this.errors.source) errors.source = this.errors.source;
    if (this.#kind === 'stored' && this.request.data === 'dataset:') errors.dataset = 'Choose a data set.';
    if (this.sent && !this.#archive()) errors.dataset = 'Choose an archive: zip, tar or tar.gz.';
    if (this.#model === '') errors['send-model'] = 'Choose an ONNX file.';
    if (this.#table === '') errors.table = 'Send a table first.';
    if (this.request.seed !== undefined && !Number.isInteger(this.request.seed)) errors.seed = 'The seed must be a whole number.';
    if (this.typed.minutes === '' && this.#table === undefined) errors.minutes = 'Minutes must be between 0.1 and 20160 (two weeks).';
    this.errors = errors;
    return Object.values(errors).some((text) => text !== undefined);
  }

  #archive(): File | undefined {
    return this.querySelector<HTMLInputElement>('#field-dataset')?.files?.[0];
  }

  /** Sends the archive; from then on it is one of the data sets that Lathe has. */
  async #send(): Promise<void> {
    const archive = this.#archive()!;
    const name = archive.name.replace(/\.(zip|tar|tgz|tar\.gz)$/i, '').replace(/[^A-Za-z0-9._-]/g, '-')
      .replace(/^[._-]+/, '').slice(0, 60) || this.sent;
    const taken = new Set(this.dataSets.map((set) => set.name));
    let free = name;
    for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
    const set = await api.sendData(free, this.sent, archive);
    this.dataSets = [...this.dataSets, set];
    this.sent = '';
    this.#change({ data: `dataset:${set.name}` });
  }

  async #fill(): Promise<void> {
    if (this.#bad()) return this.#focusFirstError();
    try {
      this.#change(await api.check(this.request));
      this.typed = {};
      this.told = 'This is what would be carried out.';
    } catch (error) {
      this.#refused(error as Error);
    }
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.sending) return;
    this.problem = undefined;
    if (this.#bad()) return this.#focusFirstError();
    this.sending = true;
    try {
      if (this.sent) await this.#send();
      const search = await api.launch(this.request, this.#key);
      location.hash = `#/searches/${search.id}`;
    } catch (error) {
      this.#refused(error as Error);
    } finally {
      this.sending = false;
    }
  }

  #refused(error: Error): void {
    const errors: Errors = {};
    const others: string[] = [];
    const named = Object.entries(error instanceof ApiError ? error.errors : {});
    for (const [name, text] of named) {
      const key = ['data', 'archive', 'name'].includes(name) && this.#kind !== 'builtin' ? 'dataset' : name === 'space.model' ? 'send-model' : name.startsWith('space') && this.#table === undefined ? 'space'
        : name.startsWith('space') ? 'table' : name === 'budget.minutes' ? 'minutes' : name === 'budget.evaluations' ? 'evaluations' : name;
      errors[key] = text;
      if (!['dataset', 'data', 'name', 'minutes', 'evaluations', 'seed', 'space', 'send-model', 'table', 'devices', 'forms', 'method'].includes(key)
        && !/^(objectives|constraints|method\.)/.test(key)) others.push(`${name}: ${text}`);
    }
    this.errors = errors;
    this.problem = others.length > 0 ? others.join(' ') : named.length > 0 ? undefined : error.message;
    if (named.length > 0) void this.#focusFirstError();
  }

  async #focusFirstError(): Promise<void> {
    await this.updateComplete;
    this.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }

  render() {
    return html`<form class="page" novalidate @submit=${this.#submit}>
      <div class="heading"><div><h1>New search</h1></div></div>
      ${problemNote(this.problem)}
      ${this.#task()}${this.#wants()}${this.#how()}${this.#effort()}${this.#sourceCard()}
      <div class="row"><button class="primary" type="submit" ?disabled=${this.sending}>
        ${this.sending ? (this.sent ? 'Sending …' : 'Launching …') : 'Launch search'}</button><a class="button" href="#/">Back</a></div>
    </form>`;
  }
}
customElements.define('lathe-launch', LaunchPage);
