import { html, nothing } from 'lit';
import type { Member } from '../api';
import { deviceOf, figuresOf, isMaximized, metricTitle, metricsOf, written } from '../metrics';
import { precisionMark } from './common';

/** Networks side by side: figures with the best one marked, then the genes in which they differ. */
export function memberComparison(members: Member[]) {
  const genes = [...new Set(members.flatMap((member) => Object.keys(member.architecture ?? {})))]
    .filter((gene) => new Set(members.map((member) => member.architecture?.[gene] ?? '')).size > 1);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Comparison"><table>
    <thead><tr><th scope="col"><span class="hidden-text">Figure</span></th>
      ${members.map((member) => html`<th scope="col" class="right">${member.name ?? member.id}<br>${member.precision ? precisionMark(member.precision) : nothing}</th>`)}</tr></thead>
    <tbody>${metricsOf(members).map((metric) => {
      const values = members.map((member) => figuresOf(member)[metric]?.value);
      const known = values.filter((v): v is number => v !== undefined);
      const best = isMaximized(metric) ? Math.max(...known) : Math.min(...known);
      const device = deviceOf(metric);
      return html`<tr><th scope="row">${metricTitle(metric)}${device ? html` <span class="muted">${device}</span>` : nothing}</th>
        ${values.map((value) => html`<td class="right ${value === best && members.length > 1 ? 'better' : ''}">${written(metric, value)}</td>`)}</tr>`;
    })}
    ${genes.map((gene) => html`<tr><th scope="row">${gene}</th>
      ${members.map((member) => html`<td class="right">${member.architecture?.[gene] ?? '–'}</td>`)}</tr>`)}
    <tr><th scope="row">Smaller still</th>${members.map((member) => html`<td class="right">${member.artifactId === undefined
      || member.artifactId === null ? '–' : html`<a href="#/compressions/new?artifact=${member.artifactId}"
      aria-label="Compress ${member.name ?? member.id} ${member.precision ?? ''}">Compress</a>`}</td>`)}</tr>
    </tbody></table></div>
    ${genes.length === 0 && members.length > 1
      ? html`<p class="muted small">The architectures are the same; only the form differs.</p>` : nothing}`;
}
