// How figures are written. A figure that is not known is a dash, never a zero.

const NONE = '–';

type Maybe = number | null | undefined;

function known(value: Maybe): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

/** An accuracy in [0, 1] as percent. */
export function percent(value: Maybe, digits = 2): string {
  return known(value) ? `${(100 * value).toFixed(digits)} %` : NONE;
}

/** Milliseconds with three significant digits. */
export function millis(value: Maybe): string {
  if (!known(value)) return NONE;
  return `${bare(value)} ms`;
}

/** Three significant digits, no exponent. */
export function bare(value: Maybe): string {
  if (!known(value)) return NONE;
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}

const UNITS: [number, string][] = [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']];

/** A count such as MACs or parameters. */
export function count(value: Maybe): string {
  if (!known(value)) return NONE;
  for (const [unit, letter] of UNITS) {
    if (value >= unit) return `${bare(value / unit)} ${letter}`;
  }
  return value.toFixed(0);
}

export function bytes(value: Maybe): string {
  if (!known(value)) return NONE;
  return value < 1000 ? `${value} B` : `${count(value)}B`;
}

export function whole(value: Maybe): string {
  return known(value) ? Math.round(value).toLocaleString('en') : NONE;
}

/** A length of time in seconds. */
export function duration(seconds: Maybe): string {
  if (!known(seconds)) return NONE;
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function ago(time: string | undefined, now = Date.now()): string {
  if (!time) return NONE;
  const seconds = (now - Date.parse(time)) / 1000;
  return seconds < 5 ? 'just now' : seconds > 2 * 86400 ? new Date(time).toLocaleDateString('en') : `${duration(seconds)} ago`;
}

export function seconds(from: string | undefined, to: string | undefined, now = Date.now()): number | undefined {
  return from ? ((to ? Date.parse(to) : now) - Date.parse(from)) / 1000 : undefined;
}

/** Text as HTML, for the chart library's tooltips. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
