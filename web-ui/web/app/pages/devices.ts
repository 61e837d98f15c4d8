import { LitElement, html, nothing } from 'lit';
import { api, type Device, type Predictor } from '../api';
import { ago, bytes, whole } from '../format';
import { fact, problemNote, stateMark } from '../parts/common';
import { predictorTable } from '../parts/predictor-table';

/** For instance "180 stable, 20 noisy": of the newest 200 measurements. */
function verdicts(device: Device): string {
  const judged = Object.entries(device.verdicts ?? {}).sort((a, b) => b[1] - a[1]);
  return judged.map(([verdict, count]) => `${whole(count)} ${verdict}`).join(', ') || 'none yet';
}

/** The devices that measure, and how well their latencies are predicted. */
class DevicesPage extends LitElement {
  static properties = { devices: { state: true }, predictors: { state: true }, error: { state: true } };
  declare devices: Device[] | undefined;
  declare predictors: Predictor[];
  declare error: string | undefined;
  #timer = 0;

  constructor() {
    super();
    this.predictors = [];
  }

  protected createRenderRoot(): HTMLElement { return this; }

  connectedCallback(): void {
    super.connectedCallback();
    document.title = 'Devices · Lathe';
    void this.#load();
    this.#timer = window.setInterval(() => void this.#load(), 5000);
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  async #load(): Promise<void> {
    try {
      [this.devices, this.predictors] = await Promise.all([api.devices(), api.predictors()]);
      this.error = undefined;
    } catch (error) {
      this.error = (error as Error).message;
    }
  }

  async #delete(device: Device): Promise<void> {
    if (!confirm(`Take "${device.name}" off the list? What it measured stays, and it comes back when its agent starts.`)) return;
    try {
      await api.remove(`devices/${device.id}`);
      await this.#load();
    } catch (error) {
      this.error = (error as Error).message;
    }
  }

  #card(device: Device) {
    const health = device.health.toLowerCase();
    const predictors = this.predictors.filter((predictor) => predictor.device === device.name);
    return html`<section class="card" aria-label=${device.name}><header><h2>${device.name}</h2><div class="row">
        ${device.state === 'offline' ? html`<button class="danger small" aria-label="Delete ${device.name}"
          @click=${() => void this.#delete(device)}>Delete</button>` : nothing}
        ${stateMark(device.state)}${health === 'good' ? nothing : stateMark(health)}</div></header>
      ${device.healthReason && health !== 'good' ? html`<p class="note info" style="margin-bottom:0.9rem">${device.healthReason}</p>` : nothing}
      <dl class="facts">${fact('Processor', device.processor)}${fact('Back end', device.backend)}
        ${fact('Runtime', device.runtime)}${fact('Threads', `${device.threads}, measured with ${device.measuredThreads ?? 1}`)}${fact('Memory', bytes(device.memoryBytes))}
        ${fact('Where', device.here ? 'this machine' : 'elsewhere')}${fact('Measurements', whole(device.measurements))}
        ${fact('Figures', device.reality ?? 'real')}${fact('Reports', (device.metrics ?? []).join(', ') || 'latency')}
        ${fact('Newest verdicts', verdicts(device))}
        ${fact('Waiting', whole(device.waitingJobs))}${fact('Last seen', ago(device.lastSeenAt))}</dl>
      ${predictors.length > 0 ? html`<h3 style="font-size:0.98rem;margin:1.2rem 0 0.4rem">Latency predictors</h3>${predictorTable(predictors)}` : nothing}
    </section>`;
  }

  render() {
    return html`<div class="page"><div class="heading"><div><h1>Devices</h1></div></div>
      ${problemNote(this.error)}
      ${this.devices === undefined ? (this.error ? nothing : html`<p class="muted">Reading devices …</p>`)
        : this.devices.length === 0 ? html`<div class="card empty"><h2>No device yet</h2>
          <p class="muted">An agent on each device fetches networks, measures them and sends the samples back.</p>
          <pre>./lathe agent --server ${location.origin} --key-file agent.key --name NAME</pre></div>`
        : this.devices.map((device) => this.#card(device))}
    </div>`;
  }
}
customElements.define('lathe-devices', DevicesPage);
