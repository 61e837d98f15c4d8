import { LitElement, html, nothing } from 'lit';
import { signIn } from '../api';

/** Asks for an API key when the service wants one, and opens a session with it. */
class KeyDialog extends LitElement {
  static properties = { problem: { state: true } };
  declare problem: string | undefined;

  #ask = () => {
    const dialog = this.querySelector('dialog');
    if (dialog && !dialog.open) dialog.showModal();
  };

  protected createRenderRoot(): HTMLElement { return this; }

  connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('lathe-key-needed', this.#ask);
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('lathe-key-needed', this.#ask);
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const key = this.querySelector<HTMLInputElement>('#api-key')!.value.trim();
    if (!key) return;
    try {
      await signIn({ key });
      location.reload();
    } catch (error) {
      this.problem = (error as Error).message;
    }
  }

  render() {
    return html`<dialog aria-labelledby="key-title"><form @submit=${this.#submit}>
      <h2 id="key-title">This service asks for an API key</h2>
      <div class="field"><label for="api-key">API key</label>
        <input id="api-key" type="password" autocomplete="off" required>
        <span class="hint">Made by <code>./lathe key create</code>. On the service's own machine
          <code>./lathe key link</code> prints an address that needs none.</span>
        ${this.problem ? html`<span class="wrong" role="alert">${this.problem}</span>` : nothing}</div>
      <div class="row"><button class="primary" type="submit">Use this key</button>
        <button type="button" @click=${() => this.querySelector('dialog')!.close()}>Not now</button></div>
    </form></dialog>`;
  }
}
customElements.define('lathe-key-dialog', KeyDialog);
