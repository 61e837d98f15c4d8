import { html, nothing } from 'lit';
import type { Predictor } from '../api';
import { percent, whole } from '../format';
import { precisionMark } from './common';

/** Which of a device's predictors for a space it is, and whether it still tells of the device. */
function age(p: Predictor) {
  if (p.version === undefined) return nothing;
  const space = (p.space ?? '').replace(/@.*/, '');
  return html`<div class="muted small">${space} · version ${p.version}${p.fresh === false
    ? html` · <span class="interval" title="Its device has another runtime or another speed now">stale</span>` : nothing}</div>`;
}

/** How well latencies are predicted, on networks that the predictor was not fitted to. */
export function predictorTable(predictors: Predictor[]) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Latency predictors"><table>
    <thead><tr><th scope="col">Device</th><th scope="col">Precision</th><th scope="col">Model</th>
      <th scope="col" class="right">Fitted on</th><th scope="col" class="right">Held out</th>
      <th scope="col" class="right" title="Rank correlation of predicted and measured latency">Spearman</th>
      <th scope="col" class="right" title="Mean absolute relative error">MAPE</th>
      <th scope="col" class="right">Within ±10 %</th>
      <th scope="col" class="right" title="Share of measurements inside the 90 % interval">In interval</th>
      <th scope="col" class="right" title="Median width of the 90 % interval, of the prediction">Width</th></tr></thead>
    <tbody>${predictors.map((p) => html`<tr><td>${p.device}${age(p)}</td><td>${precisionMark(p.precision)}</td><td>${p.kind}</td>
      <td class="right">${whole(p.samples)}</td><td class="right">${whole(p.heldOut)}</td>
      <td class="right">${p.spearman.toFixed(3)}</td><td class="right">${percent(p.mape, 1)}</td>
      <td class="right">${percent(p.within10, 1)}</td><td class="right">${percent(p.coverage90, 1)}</td>
      <td class="right">${percent(p.provenance?.medianWidth, 1)}</td></tr>`)}</tbody>
  </table></div>
  <p class="muted small" style="margin-top:0.5rem">Figures are from held-out networks. A predictor below Spearman 0.9 is refused.</p>`;
}
