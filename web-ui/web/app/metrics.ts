import type { Candidate, Figure, Figures, Member } from './api';
import { bare, bytes, count, percent } from './format';

const SHARES = ['accuracy', 'balanced-accuracy', 'agreement', 'miou', 'test accuracy'];
const TITLES: Record<string, string> = {
  accuracy: 'validation accuracy', 'test accuracy': 'test accuracy', latency: 'latency', 'latency.p90': 'latency p90',
  'latency.p99': 'latency p99', coldStart: 'cold start', energy: 'energy', peakMemory: 'peak memory', throughput: 'throughput',
  bytes: 'file size', parameters: 'parameters', macs: 'multiply-accumulates', agreement: 'agreement',
};
const UNITS: Record<string, string> = {
  latency: 'ms', 'latency.p90': 'ms', 'latency.p99': 'ms', coldStart: 'ms', energy: 'mJ', peakMemory: 'MB', throughput: '/s',
};

/** What pages show beside the figures that the service sends. */
export const TEST = 'test accuracy';

function symbol(metric: string): string {
  return metric.split('@')[0];
}

export function deviceOf(metric: string): string | undefined {
  return metric.includes('@') ? metric.slice(metric.indexOf('@') + 1) : undefined;
}

/** For people, without its device. */
export function metricTitle(metric: string): string {
  return TITLES[symbol(metric)] ?? symbol(metric).replaceAll('_', ' ');
}

export function metricUnit(metric: string): string {
  return isShare(metric) ? '%' : UNITS[symbol(metric)] ?? '';
}

export function isShare(metric: string): boolean {
  return SHARES.includes(symbol(metric));
}

/** Whether more of it is better, as far as its name tells. */
export function isMaximized(metric: string): boolean {
  return isShare(metric) || /accuracy|score|top1|throughput|Reward/.test(symbol(metric));
}

/** A value of a metric with its unit; small times in microseconds. */
export function written(metric: string, value: number | undefined): string {
  if (value === undefined || value === null) return '–';
  if (isShare(metric)) return percent(value);
  if (symbol(metric) === 'bytes') return bytes(value);
  if (['macs', 'parameters'].includes(symbol(metric))) return count(value);
  const unit = metricUnit(metric);
  if (unit === 'ms' && value < 0.1) return `${bare(1000 * value)} µs`;
  return `${bare(value)}${unit ? ` ${unit}` : ''}`;
}

/** The figures of a network, with its accuracy on test data where that is known. */
export function figuresOf(network: Member | Candidate): Figures {
  const figures: Figures = { ...network.figures };
  const member = network as Member;
  const exact = (value: number): Figure => ({ value, lower: value, upper: value, source: 'measured' });
  const add = (metric: string, value: number | undefined | null) => {
    if (figures[metric] === undefined && value !== undefined && value !== null) figures[metric] = exact(value);
  };
  add('accuracy', member.validationAccuracy);
  add(TEST, member.testAccuracy);
  add('bytes', member.bytes);
  add('macs', member.macs);
  add('parameters', member.parameters);
  for (const latency of member.latencies ?? []) {
    add(`latency@${latency.device}`, latency.p50);
    add(`latency.p90@${latency.device}`, latency.p90);
  }
  return figures;
}

/** All metrics that some of the networks have, in the order in which they come. */
export function metricsOf(networks: (Member | Candidate)[]): string[] {
  const metrics = new Set<string>();
  for (const network of networks.slice(0, 50)) Object.keys(figuresOf(network)).forEach((metric) => metrics.add(metric));
  return [...metrics];
}

/** The form of a network: as its file tells, or the gene of a candidate. */
export function formOf(network: Member | Candidate): string {
  return (network as Member).precision ?? (network as Candidate).architecture?.form ?? 'float32';
}

const COLOURS = ['#2563eb', '#d97706', '#059669', '#9333ea', '#dc2626', '#0891b2', '#65a30d', '#db2777', '#475569', '#ca8a04'];
const SYMBOLS = ['circle', 'diamond', 'triangle', 'rect', 'pin', 'roundRect', 'arrow', 'circle', 'diamond', 'triangle'];

/** The colour and shape that stand for a form everywhere: the usual two as ever, others by their name. */
export function formLook(form: string, theme: { float32: string; int8: string }): { colour: string; symbol: string } {
  if (form === 'float32') return { colour: theme.float32, symbol: 'circle' };
  if (form === 'int8') return { colour: theme.int8, symbol: 'diamond' };
  let hash = 0;
  for (const letter of form) hash = (hash * 31 + letter.charCodeAt(0)) % 997;
  return { colour: COLOURS[2 + hash % 8], symbol: SYMBOLS[2 + hash % 8] };
}
