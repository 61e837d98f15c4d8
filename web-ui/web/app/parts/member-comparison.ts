import { html, nothing } from 'lit';
import type { Member } from '../api';
import { bare, bytes, count, percent } from '../format';
import { precisionMark } from './common';

interface Figure {
  title: string;
  value: (member: Member) => number | undefined;
  write: (value: number | undefined) => string;
  more: boolean;
}

const FIGURES: Figure[] = [
  { title: 'Validation accuracy', value: (m) => m.validationAccuracy, write: (v) => percent(v), more: true },
  { title: 'Test accuracy', value: (m) => m.testAccuracy, write: (v) => percent(v), more: true },
  { title: 'p50 (ms)', value: (m) => m.latencies[0]?.p50, write: bare, more: false },
  { title: 'p90 (ms)', value: (m) => m.latencies[0]?.p90, write: bare, more: false },
  { title: 'File', value: (m) => m.bytes, write: bytes, more: false },
  { title: 'MACs', value: (m) => m.macs, write: count, more: false },
  { title: 'Parameters', value: (m) => m.parameters, write: count, more: false },
];

/** Networks side by side: figures with the best one marked, then the genes in which they differ. */
export function memberComparison(members: Member[]) {
  const genes = [...new Set(members.flatMap((member) => Object.keys(member.architecture ?? {})))]
    .filter((gene) => new Set(members.map((member) => member.architecture?.[gene] ?? '')).size > 1);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Comparison"><table>
    <thead><tr><th scope="col"><span class="hidden-text">Figure</span></th>
      ${members.map((member) => html`<th scope="col" class="right">${member.name ?? member.id}<br>${precisionMark(member.precision)}</th>`)}</tr></thead>
    <tbody>${FIGURES.map((figure) => {
      const known = members.map(figure.value).filter((v): v is number => v !== undefined && v !== null);
      const best = figure.more ? Math.max(...known) : Math.min(...known);
      return html`<tr><th scope="row">${figure.title}</th>${members.map((member) => {
        const value = figure.value(member);
        return html`<td class="right ${value === best && members.length > 1 ? 'better' : ''}">${figure.write(value)}</td>`;
      })}</tr>`;
    })}
    ${genes.map((gene) => html`<tr><th scope="row">${gene}</th>
      ${members.map((member) => html`<td class="right">${member.architecture?.[gene] ?? '–'}</td>`)}</tr>`)}
    <tr><th scope="row">Smaller still</th>${members.map((member) => html`<td class="right">${member.artifactId === undefined
      || member.artifactId === null ? '–' : html`<a href="#/compressions/new?artifact=${member.artifactId}"
      aria-label="Compress ${member.name ?? member.id} ${member.precision}">Compress</a>`}</td>`)}</tr>
    </tbody></table></div>
    ${genes.length === 0 && members.length > 1
      ? html`<p class="muted small">The architectures are the same; only the precision differs.</p>` : nothing}`;
}
