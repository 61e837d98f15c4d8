import { html, nothing } from 'lit';
import type { Search } from '../api';
import { duration, percent, seconds } from '../format';
import { isOver } from './common';

/** The stages of a search in their order; a stage not listed here is shown after them. */
const STAGES: [string, string][] = [
  ['queued', 'Queued'],
  ['data', 'Data'],
  ['calibration', 'Calibration'],
  ['training', 'Training'],
  ['search', 'Search'],
  ['fine-tuning', 'Fine-tuning'],
  ['baselines', 'Baselines'],
  ['measuring', 'Measuring'],
];

function stages(search: Search) {
  const now = STAGES.findIndex(([key]) => key === search.stage);
  const known = search.stage && now < 0 ? [...STAGES, [search.stage, search.stage] as [string, string]] : STAGES;
  const at = search.state === 'finished' ? known.length : now < 0 ? known.length - 1 : now;
  return known.slice(1).map(([key, title], i) => {
    const place = i + 1;
    const kind = place < at ? 'done' : place === at && !isOver(search.state) ? 'now' : '';
    return html`<li class=${kind} aria-current=${kind === 'now' ? 'step' : nothing}
      data-stage=${key}>${kind === 'done' ? html`<span aria-label="done">✓</span>` : nothing}${title}</li>`;
  });
}

/** Seconds that the rest takes if it goes on as so far; nothing where it is too early to say. */
export function secondsLeft(search: Search, now: number): number | undefined {
  const fraction = search.fraction ?? 0;
  const spent = seconds(search.startedAt, undefined, now);
  if (search.state !== 'running' || fraction < 0.02 || fraction >= 1 || spent === undefined) return undefined;
  const minutes = search.request.budget?.minutes;
  // With a budget of time the fraction is that of the budget; without, spent time is all we know.
  return minutes ? (1 - fraction) * minutes * 60 : spent * (1 - fraction) / fraction;
}

/** How far a search is. */
export function progressView(search: Search, now: number) {
  const fraction = Math.min(1, Math.max(0, search.fraction ?? 0));
  const left = secondsLeft(search, now);
  return html`
    <div class="row" style="justify-content:space-between;margin-bottom:0.5rem">
      <span id="progress-message">${search.message ?? ''}</span>
      <span class="number muted">${percent(fraction, 0)}${left === undefined ? nothing : html` · about ${duration(left)} left`}</span>
    </div>
    <div class="bar" role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(100 * fraction)}
      aria-label="Progress of the search"><div style="width:${100 * fraction}%"></div></div>
    <ol class="stages" aria-label="Stages">${stages(search)}</ol>`;
}
