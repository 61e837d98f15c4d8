import { html, nothing } from 'lit';
import type { DataReport } from '../api';
import { whole } from '../format';
import { fact } from './common';

/** Classes that are listed at once, and unreadable files likewise. */
const CLASSES = 30;
const FILES = 20;

/** What a person should know of the images: notes first, counts by class behind a click. */
export function dataReport(report: DataReport | undefined) {
  if (!report) return nothing;
  const { classes, shape, skipped, unreadable } = report;
  const sum = (split: 'train' | 'validation' | 'test') => classes.reduce((total, one) => total + one[split], 0);
  return html`<section class="card" aria-labelledby="data-title"><header><h2 id="data-title">Images</h2>
      <span class="muted small">${report.division}</span></header>
    ${report.warnings.map((text) => html`<p class="note info">${text}</p>`)}
    ${unreadable.length === 0 ? nothing : html`<details class="note bad"><summary>${whole(unreadable.length)} unreadable, left out</summary>
      <ul>${unreadable.slice(0, FILES).map((one) => html`<li>${one.file}: ${one.reason}</li>`)}
      ${unreadable.length > FILES ? html`<li>and ${whole(unreadable.length - FILES)} more</li>` : nothing}</ul></details>`}
    <dl class="facts">
      ${fact('Training / validation / test', [sum('train'), sum('validation'), sum('test')].map((n) => whole(n)).join(' / '))}
      ${fact('As networks take them', `${shape.width}\u202f×\u202f${shape.height}, ${shape.channels} channels`)}
      ${skipped.map((one) => fact(`Passed over: ${one.kind}`, whole(one.count)))}
      ${report.oriented > 0 ? fact('Turned upright by their tag', whole(report.oriented)) : nothing}
    </dl>
    <details style="margin-top:0.8rem"><summary>${whole(classes.length)} classes</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Images by class"><table>
        <thead><tr><th scope="col">Class</th><th scope="col" class="right">Training</th>
          <th scope="col" class="right">Validation</th><th scope="col" class="right">Test</th></tr></thead>
        <tbody>${classes.slice(0, CLASSES).map((one) => html`<tr><td>${one.name}</td><td class="right">${whole(one.train)}</td>
          <td class="right">${whole(one.validation)}</td><td class="right">${whole(one.test)}</td></tr>`)}</tbody></table></div>
      ${classes.length > CLASSES ? html`<p class="muted small">The first ${CLASSES} of them.</p>` : nothing}</details>
  </section>`;
}
