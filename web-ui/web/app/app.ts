import { LitElement, html, nothing } from 'lit';
import './pages/searches';
import './pages/launch';
import './pages/search';
import './pages/devices';
import './pages/compare';
import './pages/compressions';
import './pages/compress';
import './pages/compression';
import './pages/storage';
import './parts/key-dialog';
import { api, signIn } from './api';
import { bytes } from './format';
import { problemNote } from './parts/common';

type Theme = 'light' | 'dark';
const THEME = 'lathe-theme';

function systemTheme(): Theme {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

function applyTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  window.dispatchEvent(new Event('lathe-theme'));
}
applyTheme((localStorage.getItem(THEME) as Theme | null) ?? systemTheme());

const LINK = '#/link/';

/** Spends a one-time link before any page asks for something; says what was wrong with it. */
async function spendLink(): Promise<string | undefined> {
  if (!location.hash.startsWith(LINK)) return undefined;
  const link = location.hash.slice(LINK.length);
  history.replaceState(null, '', '#/');
  try {
    await signIn({ link });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
const refused = await spendLink();

/** The frame around all pages; the part of the address after # says which page is shown. */
class LatheApp extends LitElement {
  static properties = { route: { state: true }, theme: { state: true }, freeBytes: { state: true } };
  declare route: string;
  declare theme: Theme;
  /** What is free of the service's disk, if that is so little that it must be said. */
  declare freeBytes: number | undefined;
  #timer = 0;
  #moved = () => {
    this.route = location.hash.slice(1) || '/';
    void this.updateComplete.then(() => {
      window.scrollTo(0, 0);
      this.querySelector<HTMLElement>('main')?.focus();
    });
  };

  constructor() {
    super();
    this.route = location.hash.slice(1) || '/';
    this.theme = document.documentElement.dataset.theme as Theme;
  }

  protected createRenderRoot(): HTMLElement { return this; }

  connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('hashchange', this.#moved);
    void this.#lookAtDisk();
    this.#timer = window.setInterval(() => void this.#lookAtDisk(), 60_000);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      if (!localStorage.getItem(THEME)) this.#show(systemTheme());
    });
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('hashchange', this.#moved);
    clearInterval(this.#timer);
  }

  async #lookAtDisk(): Promise<void> {
    try {
      const disk = await api.disk();
      this.freeBytes = disk.low ? disk.free : undefined;
    } catch {
      // What does not answer is told by the page.
    }
  }

  #show(theme: Theme): void {
    this.theme = theme;
    applyTheme(theme);
  }

  #toggle(): void {
    this.#show(this.theme === 'dark' ? 'light' : 'dark');
    localStorage.setItem(THEME, this.theme);
  }

  #page() {
    const [path, query] = this.route.split('?');
    const parts = path.split('/').filter(Boolean);
    if (parts.length === 0) return html`<lathe-searches></lathe-searches>`;
    if (parts[0] === 'new') return html`<lathe-launch .from=${new URLSearchParams(query).get('from') ?? ''}></lathe-launch>`;
    if (parts[0] === 'storage') return html`<lathe-storage></lathe-storage>`;
    if (parts[0] === 'devices') return html`<lathe-devices></lathe-devices>`;
    if (parts[0] === 'compressions') {
      if (!parts[1]) return html`<lathe-compressions></lathe-compressions>`;
      if (parts[1] !== 'new') return html`<lathe-compression .compressionId=${parts[1]}></lathe-compression>`;
      return html`<lathe-compress .artifact=${new URLSearchParams(query).get('artifact') ?? ''}></lathe-compress>`;
    }
    if (parts[0] === 'compare') {
      return html`<lathe-compare .ids=${new URLSearchParams(query).get('searches') ?? ''}></lathe-compare>`;
    }
    if (parts[0] === 'searches' && parts[1]) return html`<lathe-search .searchId=${parts[1]}></lathe-search>`;
    return html`<div class="card empty"><h1>No such page</h1><p class="muted">Maybe the address was cut off.</p>
      <a class="button" href="#/">All searches</a></div>`;
  }

  #link(href: string, text: string, current: boolean) {
    return html`<a href=${href} aria-current=${current ? 'page' : nothing}>${text}</a>`;
  }

  render() {
    const path = this.route.split('?')[0];
    return html`
      <a class="skip" href="#main" @click=${(event: Event) => {
        event.preventDefault();
        this.querySelector<HTMLElement>('main')?.focus();
      }}>Skip to the page</a>
      <header class="top"><div>
        <a class="brand" href="#/" aria-label="Lathe, all searches">
          <svg width="28" height="28" viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="2.2"
            stroke-linejoin="round" stroke-linecap="round" aria-hidden="true">
            <path d="M3 16h4M25 16h4M7 10v12l5-3 3 4 4-5 6 1.5v-7L19 14l-4-5-3 4z" fill="currentColor"/></svg>Lathe</a>
        <nav aria-label="Main">
          ${this.#link('#/', 'Searches', path === '/' || path.startsWith('/searches') || path === '/compare')}
          ${this.#link('#/new', 'New search', path === '/new')}
          ${this.#link('#/compressions', 'Compressions', path.startsWith('/compressions'))}
          ${this.#link('#/devices', 'Devices', path === '/devices')}
          ${this.#link('#/storage', 'Storage', path === '/storage')}
        </nav>
        <button class="plain small" @click=${() => this.#toggle()}
          aria-label="Switch to ${this.theme === 'dark' ? 'light' : 'dark'} colours">
          ${this.theme === 'dark' ? '☀ Light' : '☾ Dark'}</button>
      </div></header>
      <main tabindex="-1" id="main">${problemNote(refused)}${problemNote(this.freeBytes === undefined ? undefined
        : `The service's disk is almost full: ${bytes(this.freeBytes)} are free. Runs may fail. Maybe delete some that are not needed.`)}${this.#page()}</main>
      <lathe-key-dialog></lathe-key-dialog>`;
  }
}
customElements.define('lathe-app', LatheApp);
