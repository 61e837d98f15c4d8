import { html, nothing } from 'lit';
import type { Search, State } from '../api';
import { formLook } from '../metrics';

/** A state as a coloured word. */
export function stateMark(state: State | string) {
  return html`<span class="state ${state}">${state}</span>`;
}

/** A form with the mark that charts use for it. */
export function precisionMark(form: string) {
  const look = formLook(form, { float32: 'var(--float32)', int8: 'var(--int8)' });
  return html`<span class="precision ${form === 'int8' ? 'int8' : ''}"><i aria-hidden="true"
    style="background:${look.colour}"></i>${form}</span>`;
}

export function problemNote(message: string | undefined) {
  return message ? html`<div class="note bad" role="alert">${message}</div>` : nothing;
}

export function fact(name: string, value: unknown) {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** A key that nobody has had, also where the page came by plain HTTP, which has no randomUUID. */
export function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A link to a file. */
export function fileLink(url: string, name: string, text: string, label: string) {
  return html`<a class="button small" href=${url} download=${name} aria-label=${label}>↓ ${text}</a>`;
}

/** What an input of a {@link field} says of itself. */
export interface InputAttributes { id: string; invalid: 'true' | typeof nothing; describedBy: string }

/** An input with its label, what is wrong with it, and a hint. */
export function field(name: string, label: string, hint: string, error: string | undefined,
  input: (attributes: InputAttributes) => unknown) {
  return html`<div class="field"><label for=${`field-${name}`}>${label}</label>
    ${input({ id: `field-${name}`, invalid: error ? 'true' : nothing, describedBy: `${error ? `wrong-${name} ` : ''}hint-${name}` })}
    ${error ? html`<span class="wrong" id="wrong-${name}" role="alert">${error}</span>` : nothing}
    <span class="hint" id="hint-${name}">${hint}</span></div>`;
}

export function isOver(state: State): boolean {
  return state === 'finished' || state === 'failed' || state === 'cancelled';
}

function quoted(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The command that launches the same search, word for word. */
export function asCommand(search: Search): string {
  return `./lathe search create --request - <<'JSON'\n${JSON.stringify(search.request, null, 2)}\nJSON`;
}

/** The HTTP request that launches the same search. */
export function asCurl(search: Search): string {
  const url = new URL('api/v1/searches', location.href.split('#')[0]);
  return `curl -X POST ${url} -H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify(search.request))}`;
}
