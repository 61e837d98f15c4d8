import { LitElement, html, type PropertyValues } from 'lit';
import { api, ApiError, type Device, type Recipe } from '../api';
import { bytes } from '../format';
import { field, problemNote, randomKey } from '../parts/common';

type Field = 'model' | 'recipe' | 'data' | 'device';

const NOT_MEASURED = '-';
/** What the service takes in one request. */
const MOST_BYTES = 64 * 2 ** 20;

/** The form that compresses an ONNX file: one from the user's disk, or one that Lathe keeps. */
const stepsOf = ({ steps }: Recipe): string => `Steps: ${steps.join(', ')}.${steps.includes('kernels')
  ? ' The last one chooses kernels on the machine that runs Lathe; int8-portable is for other processors.' : ''}`;

class CompressPage extends LitElement {
  static properties = {
    artifact: { attribute: false }, file: { state: true }, recipe: { state: true }, tuned: { state: true },
    data: { state: true }, device: { state: true }, recipes: { state: true }, devices: { state: true },
    errors: { state: true }, problem: { state: true }, sending: { state: true },
  };
  /** Number of the kept file to compress; empty where the user chooses one. */
  declare artifact: string;
  declare file: File | undefined;
  declare recipe: string;
  declare tuned: boolean;
  declare data: string;
  declare device: string;
  declare recipes: Recipe[];
  declare devices: Device[];
  declare errors: Partial<Record<Field, string>>;
  declare problem: string | undefined;
  declare sending: boolean;
  #key = randomKey();

  constructor() {
    super();
    this.artifact = '';
    this.recipe = 'int8';
    this.tuned = false;
    this.data = '';
    this.device = '';
    this.recipes = [];
    this.devices = [];
    this.errors = {};
    this.sending = false;
  }

  protected createRenderRoot(): HTMLElement { return this; }

  connectedCallback(): void {
    super.connectedCallback();
    document.title = 'Compress a model · Lathe';
    void api.recipes().then((recipes) => { this.recipes = recipes; }, (error) => { this.problem = error.message; });
    void api.devices().then((devices) => { this.devices = devices; }, () => {});
  }

  #changed(field: Field): void {
    this.#key = randomKey();
    this.errors = { ...this.errors, [field]: undefined };
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.sending) return;
    this.problem = undefined;
    this.errors = {};
    if (!this.artifact && !this.file) {
      this.errors = { model: 'Choose an ONNX file.' };
      return this.#focusFirstError();
    }
    if (this.file && this.file.size > MOST_BYTES) {
      this.errors = { model: `The file has ${bytes(this.file.size)}, more than the service takes. Use ./lathe compress.` };
      return this.#focusFirstError();
    }
    const recipe = this.tuned ? `${this.recipe}+fine-tune` : this.recipe;
    this.sending = true;
    try {
      const model = this.artifact ? { artifact: this.artifact } : { model: await api.sendModel(this.file!) };
      const compression = await api.compress({
        ...model,
        ...(this.file ? { name: `${this.file.name.slice(0, 150)} by ${recipe}` } : {}),
        recipe,
        ...(this.data.trim() ? { data: this.data.trim() } : {}),
        ...(this.device === NOT_MEASURED ? { measure: false } : this.device ? { device: this.device } : {}),
      }, this.#key);
      location.hash = `#/compressions/${compression.id}`;
    } catch (error) {
      this.#refused(error as Error);
    } finally {
      this.sending = false;
    }
  }

  #refused(error: Error): void {
    const { model, artifact, recipe, data, device, ...others } = error instanceof ApiError ? error.errors : {};
    this.errors = { model: model ?? artifact, recipe, data, device };
    const unplaced = Object.entries(others).map(([name, text]) => `${name}: ${text}`).join(' ');
    const placed = Object.values(this.errors).some((text) => text !== undefined);
    this.problem = unplaced || (placed ? undefined : error.message);
    if (placed) void this.#focusFirstError();
  }

  willUpdate(changed: PropertyValues): void {
    if (changed.has('artifact')) this.file = undefined;
  }

  async #focusFirstError(): Promise<void> {
    await this.updateComplete;
    this.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }

  #model() {
    if (this.artifact) {
      return html`<div class="field"><b>ONNX file</b>
        ${this.errors.model ? html`<span class="wrong" role="alert">${this.errors.model}</span>` : ''}<span>File ${this.artifact}, which Lathe keeps</span>
        <span class="hint"><a href="#/compressions/new">Choose another file</a></span></div>`;
    }
    const hint = this.file ? bytes(this.file.size) : 'From this machine; up to 64 MB here, any size on the command line.';
    return field('model', 'ONNX file', hint, this.errors.model, (attributes) => html`<input type="file" accept=".onnx"
      id=${attributes.id} aria-invalid=${attributes.invalid} aria-describedby=${attributes.describedBy}
      @change=${(event: Event) => {
        this.file = (event.target as HTMLInputElement).files?.[0];
        this.#changed('model');
      }}>`);
  }

  render() {
    const chosen = this.recipes.find((recipe) => recipe.name === this.recipe);
    return html`<form class="page" novalidate @submit=${this.#submit}>
      <div class="heading"><div><h1>Compress a model</h1></div></div>
      ${problemNote(this.problem)}
      <fieldset class="card"><legend>Model and recipe</legend><div class="form">
        ${this.#model()}
        ${field('recipe', 'Recipe', chosen ? stepsOf(chosen) : '', this.errors.recipe, (attributes) => html`<select
          id=${attributes.id} aria-invalid=${attributes.invalid} aria-describedby=${attributes.describedBy}
          @change=${(event: Event) => {
            this.recipe = (event.target as HTMLSelectElement).value;
            this.#changed('recipe');
          }}>${this.recipes.map((recipe) => html`<option ?selected=${recipe.name === this.recipe}>${recipe.name}</option>`)}</select>`)}
        <div class="field"><label for="field-tuned">Fine-tune</label>
          <span><input type="checkbox" id="field-tuned" .checked=${this.tuned} aria-describedby="hint-tuned"
            @change=${(event: Event) => {
              this.tuned = (event.target as HTMLInputElement).checked;
              this.#changed('recipe');
            }}></span>
          <span class="hint" id="hint-tuned">The result learns from the original's answers to the data's images.</span></div>
      </div></fieldset>
      <fieldset class="card"><legend>Data and device</legend><div class="form">
        ${field('data', 'Data', 'builtin, dataset:NAME of a data set that Lathe has; noise for any model.', this.errors.data, (attributes) => html`<input
          id=${attributes.id} .value=${this.data} placeholder="noise:64" autocomplete="off" spellcheck="false"
          aria-invalid=${attributes.invalid} aria-describedby=${attributes.describedBy}
          @input=${(event: Event) => {
            this.data = (event.target as HTMLInputElement).value;
            this.#changed('data');
          }}>`)}
        ${field('device', 'Device', 'Where the files are measured.', this.errors.device, (attributes) => html`<select
          id=${attributes.id} aria-invalid=${attributes.invalid} aria-describedby=${attributes.describedBy}
          @change=${(event: Event) => {
            this.device = (event.target as HTMLSelectElement).value;
            this.#changed('device');
          }}><option value="">This machine</option><option value=${NOT_MEASURED}>Do not measure</option>
          ${this.devices.map((device) => html`<option ?selected=${device.name === this.device}>${device.name}</option>`)}</select>`)}
      </div></fieldset>
      <div class="row"><button class="primary" type="submit" ?disabled=${this.sending}>${this.sending ? 'Sending …' : 'Compress'}</button>
        <a class="button" href="#/compressions">Back</a></div>
    </form>`;
  }
}
customElements.define('lathe-compress', CompressPage);
