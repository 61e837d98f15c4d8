import { LitElement, html, nothing } from 'lit';
import { api, ApiError, type Constraints, type DataSet, type Device, type LaunchRequest, type Space } from '../api';
import { field, problemNote, randomKey } from '../parts/common';

type Kind = 'builtin' | 'stored' | 'folder' | 'idx' | 'cifar';

const KINDS: [Kind, string, string][] = [
  ['builtin', 'Built-in shapes', 'Ten classes of drawn shapes; nothing to download.'],
  ['stored', 'A data set that Lathe has', 'Sent before, or registered by ./lathe dataset.'],
  ['folder', 'Image folder, sent now', 'One folder a class, JPEG or PNG; below train/ and test/ or directly.'],
  ['idx', 'IDX files, sent now', 'MNIST and its relatives, plain or gzipped.'],
  ['cifar', 'CIFAR, sent now', 'CIFAR-10 or CIFAR-100 in the binary form.'],
];

/** What the form's fields hold; numbers as typed. */
interface Draft {
  name: string;
  kind: Kind;
  dataset: string;
  minutes: string;
  seed: string;
  device: string;
  space: string;
  maxLatencyMillis: string;
  maxKilobytes: string;
  minAccuracyPercent: string;
}

/** The field of the form that shows what the service says of a field of the request. */
const FIELDS: Record<string, keyof Draft> = {
  name: 'name', data: 'dataset', minutes: 'minutes', seed: 'seed', device: 'device', space: 'space',
  'constraints.maxLatencyMillis': 'maxLatencyMillis', 'constraints.maxBytes': 'maxKilobytes',
  'constraints.minAccuracy': 'minAccuracyPercent',
};

/** The form that launches a search. */
class LaunchPage extends LitElement {
  static properties = {
    from: { attribute: false }, draft: { state: true }, errors: { state: true }, problem: { state: true },
    devices: { state: true }, spaces: { state: true }, dataSets: { state: true }, sending: { state: true },
  };
  /** Number of the search whose request the form begins with, if any. */
  declare from: string;
  declare draft: Draft;
  declare errors: Partial<Record<keyof Draft, string>>;
  declare problem: string | undefined;
  declare devices: Device[];
  declare spaces: Space[];
  declare dataSets: DataSet[];
  declare sending: boolean;
  // One key for each thing that is asked: a double click launches one search.
  #key = randomKey();

  constructor() {
    super();
    this.from = '';
    this.draft = {
      name: '', kind: 'builtin', dataset: '', minutes: '6', seed: '1', device: '', space: '',
      maxLatencyMillis: '', maxKilobytes: '', minAccuracyPercent: '',
    };
    this.errors = {};
    this.devices = [];
    this.spaces = [];
    this.dataSets = [];
    this.sending = false;
  }

  protected createRenderRoot(): HTMLElement { return this; }

  connectedCallback(): void {
    super.connectedCallback();
    document.title = 'New search · Lathe';
    void api.devices().then((devices) => { this.devices = devices; }, (error) => { this.problem = error.message; });
    void api.dataSets().then((sets) => { this.dataSets = sets; }, () => {});
    void api.spaces().then((spaces) => { this.spaces = spaces; }, () => {});
    if (this.from) {
      void api.search(this.from).then((search) => this.#begin(search.request), (error) => { this.problem = error.message; });
    }
  }

  #begin(request: LaunchRequest): void {
    const stored = request.data.startsWith('dataset:');
    const text = (value: number | undefined | null) => value === undefined || value === null ? '' : String(value);
    const limits = request.constraints ?? {};
    this.draft = {
      name: request.name ?? '', kind: stored ? 'stored' : 'builtin',
      dataset: stored ? request.data.slice('dataset:'.length) : '',
      minutes: text(request.minutes), seed: text(request.seed), device: request.device ?? '',
      space: typeof request.space === 'string' ? request.space : '',
      maxLatencyMillis: text(limits.maxLatencyMillis),
      maxKilobytes: text(limits.maxBytes && limits.maxBytes / 1000),
      minAccuracyPercent: text(limits.minAccuracy && limits.minAccuracy * 100),
    };
  }

  #set(field: keyof Draft, value: string): void {
    this.draft = { ...this.draft, [field]: value };
    this.#key = randomKey();
    if (this.errors[field]) this.errors = { ...this.errors, [field]: undefined };
  }

  #check(): Partial<Record<keyof Draft, string>> {
    const errors: Partial<Record<keyof Draft, string>> = {};
    const { draft } = this;
    const number = (field: keyof Draft, least: number, most: number, required: boolean, text: string) => {
      const typed = draft[field].trim();
      if (typed === '' && !required) return;
      const value = Number(typed);
      if (typed === '' || !Number.isFinite(value) || value < least || value > most) errors[field] = text;
    };
    if (draft.kind === 'stored' && draft.dataset === '') errors.dataset = 'Choose a data set.';
    if (this.#sent() && !this.#archive()) errors.dataset = 'Choose an archive: zip, tar or tar.gz.';
    number('minutes', 0.1, 10080, true, 'Minutes must be between 0.1 and 10080 (a week).');
    number('seed', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true, 'The seed must be a whole number.');
    if (!errors.seed && !/^-?\d+$/.test(draft.seed.trim())) errors.seed = 'The seed must be a whole number.';
    number('maxLatencyMillis', 1e-6, 1e9, false, 'The latency limit must be above 0 milliseconds.');
    number('maxKilobytes', 0.001, 1e9, false, 'The size limit must be above 0 kilobytes.');
    number('minAccuracyPercent', 0, 100, false, 'The accuracy limit must be between 0 and 100 percent.');
    return errors;
  }

  /** Whether the data come with the launch. */
  #sent(): boolean {
    return this.draft.kind !== 'builtin' && this.draft.kind !== 'stored';
  }

  #archive(): File | undefined {
    return this.querySelector<HTMLInputElement>('#field-dataset')?.files?.[0];
  }

  /** Sends the archive; from then on it is one of the data sets that Lathe has. */
  async #send(): Promise<void> {
    const archive = this.#archive()!;
    const name = archive.name.replace(/\.(zip|tar|tgz|tar\.gz)$/i, '').replace(/[^A-Za-z0-9._-]/g, '-')
      .replace(/^[._-]+/, '').slice(0, 60) || this.draft.kind;
    const taken = new Set(this.dataSets.map((set) => set.name));
    let free = name;
    for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
    const set = await api.sendData(free, this.draft.kind, archive);
    this.dataSets = [...this.dataSets, set];
    this.draft = { ...this.draft, kind: 'stored', dataset: set.name };
  }

  #request(): LaunchRequest {
    const { draft } = this;
    const constraints: Constraints = {};
    if (draft.maxLatencyMillis.trim()) constraints.maxLatencyMillis = Number(draft.maxLatencyMillis);
    if (draft.maxKilobytes.trim()) constraints.maxBytes = Math.round(Number(draft.maxKilobytes) * 1000);
    if (draft.minAccuracyPercent.trim()) constraints.minAccuracy = Number(draft.minAccuracyPercent) / 100;
    return {
      ...(draft.name.trim() ? { name: draft.name.trim() } : {}),
      data: draft.kind === 'builtin' ? 'builtin' : `dataset:${draft.dataset}`,
      minutes: Number(draft.minutes),
      seed: Number(draft.seed),
      ...(draft.device ? { device: draft.device } : {}),
      ...(draft.space ? { space: draft.space } : {}),
      ...(Object.keys(constraints).length > 0 ? { constraints } : {}),
    };
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.sending) return;
    this.problem = undefined;
    this.errors = this.#check();
    if (Object.keys(this.errors).length > 0) return this.#focusFirstError();
    this.sending = true;
    try {
      if (this.#sent()) await this.#send();
      const search = await api.launch(this.#request(), this.#key);
      location.hash = `#/searches/${search.id}`;
    } catch (error) {
      this.#refused(error as Error);
    } finally {
      this.sending = false;
    }
  }

  #refused(error: Error): void {
    const byField: Partial<Record<keyof Draft, string>> = {};
    const others: string[] = [];
    for (const [name, text] of Object.entries(error instanceof ApiError ? error.errors : {})) {
      const field = FIELDS[name] ?? (name.startsWith('space') ? 'space' : undefined);
      if (name === 'kind' || (field === 'dataset' && this.draft.kind === 'builtin')) byField.kind = text;
      else if (field) byField[field] = text;
      else others.push(`${name}: ${text}`);
    }
    this.errors = byField;
    const placed = Object.keys(byField).length > 0;
    this.problem = others.length > 0 ? others.join(' ') : placed ? undefined : error.message;
    if (placed) void this.#focusFirstError();
  }

  async #focusFirstError(): Promise<void> {
    await this.updateComplete;
    this.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }

  #text(name: keyof Draft, label: string, hint: string, mode: 'text' | 'decimal' | 'numeric' = 'text', placeholder = '') {
    return field(name, label, hint, this.errors[name], (attributes) => html`<input id=${attributes.id} .value=${this.draft[name]}
      inputmode=${mode} placeholder=${placeholder} autocomplete="off" spellcheck="false"
      aria-invalid=${attributes.invalid} aria-describedby=${attributes.describedBy}
      @input=${(event: Event) => this.#set(name, (event.target as HTMLInputElement).value)}>`);
  }

  #choice(name: keyof Draft, label: string, hint: string, options: [string, string][]) {
    return field(name, label, hint, this.errors[name], (attributes) => html`<select id=${attributes.id}
      aria-describedby=${attributes.describedBy} aria-invalid=${attributes.invalid}
      @change=${(event: Event) => this.#set(name, (event.target as HTMLSelectElement).value)}>
      ${options.map(([value, text]) => html`<option value=${value} ?selected=${this.draft[name] === value}>${text}</option>`)}</select>`);
  }

  render() {
    const kind = KINDS.find(([key]) => key === this.draft.kind) ?? KINDS[0];
    const spaceHint = this.spaces.find((space) => space.name === this.draft.space)?.description
      ?? 'What the networks may look like.';
    return html`<form class="page" novalidate @submit=${this.#submit}>
      <div class="heading"><div><h1>New search</h1></div></div>
      ${problemNote(this.problem)}
      <fieldset class="card"><legend>Task</legend><div class="form">
        ${this.#choice('kind', 'Data', kind[2], KINDS.map(([key, title]) => [key, title]))}
        ${this.draft.kind === 'stored' ? this.#choice('dataset', 'Data set', 'By name.', [['', 'Choose …'],
          ...this.dataSets.map((set): [string, string] => [set.name, `${set.name} (${set.kind})`])]) : nothing}
        ${this.#sent() ? field('dataset', 'Archive', 'zip, tar or tar.gz. Lathe keeps it, for further searches too.',
          this.errors.dataset, (attributes) => html`<input id=${attributes.id} type="file" accept=".zip,.tar,.tgz,.gz"
          aria-invalid=${attributes.invalid} aria-describedby=${attributes.describedBy}
          @change=${() => { this.errors = { ...this.errors, dataset: undefined }; }}>`) : nothing}
        ${this.#text('name', 'Name', 'For you; made from the data if empty.')}
      </div></fieldset>
      <fieldset class="card"><legend>Device and limits</legend><div class="form">
        ${this.#choice('device', 'Device', 'Where latencies are measured.', [['', 'This machine'],
          ...this.devices.map((device): [string, string] => [device.name, device.name])])}
        ${this.#text('maxLatencyMillis', 'Latency limit (ms)', 'Measured median of one image. Empty: no limit.', 'decimal', 'none')}
        ${this.#text('maxKilobytes', 'File size limit (kB)', 'Of the ONNX file. Empty: no limit.', 'decimal', 'none')}
        ${this.#text('minAccuracyPercent', 'Least accuracy (%)', 'On validation images. Empty: no limit.', 'decimal', 'none')}
      </div></fieldset>
      <fieldset class="card"><legend>Effort</legend><div class="form">
        ${this.#text('minutes', 'Minutes', 'For everything: training, search, compression, measurement.', 'decimal')}
        ${this.#text('seed', 'Seed', 'The same seed repeats the same run.', 'numeric')}
        ${this.#choice('space', 'Search space', spaceHint, [['', 'Default'],
          ...this.spaces.map((space): [string, string] => [space.name, space.name])])}
      </div></fieldset>
      <div class="row"><button class="primary" type="submit" ?disabled=${this.sending}>
        ${this.sending ? (this.#sent() ? 'Sending …' : 'Launching …') : 'Launch search'}</button><a class="button" href="#/">Back</a></div>
    </form>`;
  }
}
customElements.define('lathe-launch', LaunchPage);
