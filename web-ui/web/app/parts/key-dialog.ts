import { LitElement, html } from 'lit';
import { setApiKey } from '../api';

/** Asks for an API key when the service wants one; it stays until the browser tab is closed. */
class KeyDialog extends LitElement {
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

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const key = this.querySelector<HTMLInputElement>('#api-key')!.value.trim();
    if (key) {
      setApiKey(key);
      location.reload();
    }
  }

  render() {
    return html`<dialog aria-labelledby="key-title"><form @submit=${this.#submit}>
      <h2 id="key-title">This service asks for an API key</h2>
      <div class="field"><label for="api-key">API key</label>
        <input id="api-key" type="password" autocomplete="off" required>
        <span class="hint">Made by <code>./lathe key create</code>; kept in this tab only.</span></div>
      <div class="row"><button class="primary" type="submit">Use this key</button>
        <button type="button" @click=${() => this.querySelector('dialog')!.close()}>Not now</button></div>
    </form></dialog>`;
  }
}
customElements.define('lathe-key-dialog', KeyDialog);
