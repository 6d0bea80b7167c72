// The first screen of a page: headlines, what sets them, bars of the ideal, what to try next.

import { escapeHtml } from '../../config/escape.js';
import type { Lead } from './sections.js';

/** The lead as HTML; figures carry their exact value and where it stands in the JSON file. */
export function leadHtml({ headlines, says, bars, next }: Lead): string {
  const figures = headlines
    .map(({ label, figure: { text, value, path, assumed }, beside, bracket }) => {
      const place = path === undefined ? '' : ` data-path="${escapeHtml(path)}"`;
      const exact = value === null ? '' : ` data-value="${escapeHtml(String(value))}"`;
      return (
        `<div><dt>${escapeHtml(label)}</dt><dd><span class="figure"${place}${exact}>${escapeHtml(text)}` +
        `${assumed === true ? '<sup>*</sup>' : ''}</span>` +
        (bracket === '' ? '' : `<span class="bracket">${escapeHtml(bracket)}</span>`) +
        `<span class="beside">${escapeHtml(beside)}</span></dd></div>`
      );
    })
    .join('');
  const lines = says
    .map(({ label, text }) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(text)}</dd></div>`)
    .join('');
  const shares = bars
    .map(({ label, share, text }) => {
      const percent = Math.min(100, Math.max(0, 100 * share)).toFixed(1);
      return (
        `<div><dt>${escapeHtml(label)}</dt><dd><span class="bar" aria-hidden="true">` +
        `<span style="width:${percent}%"></span></span>${escapeHtml(text)}</dd></div>`
      );
    })
    .join('');
  const commands = next
    .map(({ command, why }) => `<li><code>${escapeHtml(command)}</code> <span>${escapeHtml(why)}</span></li>`)
    .join('');
  return (
    `<dl class="headlines">${figures}</dl><dl class="says">${lines}${shares}</dl>` +
    (commands === '' ? '' : `<h3>Try next</h3><ul class="next">${commands}</ul>`)
  );
}
