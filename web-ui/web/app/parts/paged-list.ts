import { LitElement, html, nothing } from 'lit';
import type { Page } from '../api';

const SIZE = 20;
const SECONDS = 4;

/** A page that lists what the service has, newest first, part by part, and keeps itself up to date. */
export abstract class PagedList<T> extends LitElement {
  static properties = {
    items: { state: true }, total: { state: true }, number: { state: true }, error: { state: true },
  };
  /** What is shown; undefined before the first answer. */
  declare items: T[] | undefined;
  declare total: number;
  declare number: number;
  declare error: string | undefined;
  #timer = 0;

  constructor() {
    super();
    this.total = 0;
    this.number = 0;
  }

  /** What the browser calls the page. */
  protected abstract heading(): string;

  protected abstract fetchPage(number: number, size: number): Promise<Page<T>>;

  protected createRenderRoot(): HTMLElement { return this; }

  connectedCallback(): void {
    super.connectedCallback();
    document.title = `${this.heading()} · Lathe`;
    void this.#load();
    this.#timer = window.setInterval(() => void this.#load(), 1000 * SECONDS);
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  async #load(): Promise<void> {
    const number = this.number;
    try {
      const page = await this.fetchPage(number, SIZE);
      if (number !== this.number) return;
      this.items = page.items;
      this.total = page.total;
      this.error = undefined;
    } catch (error) {
      this.error = (error as Error).message;
    }
  }

  #turn(by: number): void {
    this.number += by;
    void this.#load();
  }

  /** The way to the other parts; nothing where there is one only. */
  protected pager() {
    const last = Math.max(0, Math.ceil(this.total / SIZE) - 1);
    return last === 0 ? nothing : html`<nav class="row" aria-label="Pages" style="justify-content:center">
      <button ?disabled=${this.number === 0} @click=${() => this.#turn(-1)}>Newer</button>
      <span class="number muted">page ${this.number + 1} of ${last + 1}</span>
      <button ?disabled=${this.number >= last} @click=${() => this.#turn(1)}>Older</button></nav>`;
  }
}
