// The REST API as the pages see it. Latencies are milliseconds, accuracies lie in [0, 1].

export type State =
  | 'queued' | 'running' | 'waiting' | 'pausing' | 'paused' | 'finished' | 'failed' | 'cancelled';

/** A value with its 90 % interval. */
export interface Figure { value: number; lower: number; upper: number; source: 'measured' | 'predicted' | 'published' }

/** Figures by metric, for example `accuracy` or `latency@desk`. */
export type Figures = Record<string, Figure>;

export interface Goal { maximize?: string; minimize?: string; latency?: string; target?: number; hard?: boolean }

export interface Limit { metric: string; atMost?: number; atLeast?: number }

/** A search as it is asked for: the one JSON of files, API and store. */
export interface LaunchRequest {
  name?: string;
  seed?: number;
  data?: string;
  score?: string;
  space?: unknown;
  devices?: string[];
  objectives?: Goal[];
  constraints?: Limit[];
  method?: { name: string } & Record<string, unknown>;
  forms?: string[];
  budget?: { minutes?: number; evaluations?: number; stagnation?: number };
  warmStart?: { search: number };
  replay?: number;
  settings?: Record<string, unknown>;
}

/** A search method as a user may choose it; `refuses` tells by kind of space why it cannot. */
export interface Method {
  name: string;
  description: string;
  settings: { name: string; standard: unknown; description: string }[];
  refuses: Record<string, string>;
  jointForms: boolean;
}

export interface Quantity { symbol: string; title: string; unit: string; maximize: boolean; onDevice: boolean }

export interface RecordedTable { name: string; rows: number; genes: number; metrics: string[] }

/** What the service carries out for a user, step by step. */
interface Run {
  id: number | string;
  name: string;
  state: State;
  stage?: string;
  fraction?: number;
  message?: string;
  createdAt?: string;
  startedAt?: string;
  finishedAt?: string;
  error?: string | null;
}

export interface Search extends Run {
  request: LaunchRequest;
  candidates: number;
  front: number;
  best?: Best;
}

/** The best figures of a search's front, where it has one. */
export interface Best {
  figures?: Record<string, number>;
  validationAccuracy?: number;
  p50?: number;
  bytes?: number;
}

export interface Candidate {
  id: number | string;
  generation: number;
  architecture: Record<string, string>;
  status?: string;
  figures: Figures;
  failure?: string;
  hypervolume?: number;
  nonDominated: boolean;
}

export interface Latency {
  device: string;
  threads: number;
  batch: number;
  p50: number;
  p90: number;
  samples: number;
  predicted?: number;
  lower?: number;
  upper?: number;
}

export interface Member {
  id: string;
  name?: string;
  twin?: string;
  precision?: string;
  validationAccuracy?: number;
  testAccuracy?: number;
  bytes?: number;
  macs?: number;
  parameters?: number;
  figures?: Figures;
  predicted?: Figures;
  latencies: Latency[];
  artifactId?: number | string;
  architecture?: Record<string, string>;
  /** Seconds that this network was trained alone; of a member of the front, after the supernet. */
  fineTuneSeconds?: number;
  seconds?: number;
  sha256?: string;
  /** Accuracy over all images, each judged by a network that was trained without it, with its 95 % interval. */
  crossValidated?: { accuracy: number; lower: number; upper: number; images: number };
}

export interface Predictor {
  searchId?: number | string;
  device: string;
  precision: string;
  kind: string;
  samples: number;
  heldOut: number;
  spearman: number;
  mape: number;
  within10: number;
  coverage90?: number;
  space?: string;
  version?: number;
  fresh?: boolean;
  sentinelDrift?: number;
  provenance?: { medianWidth?: number; moreToHalve?: number; secondsToHalve?: number; stopped?: string };
}

export interface Report {
  seed?: number;
  data?: { name: string; classes: number; train: number; validation: number; test: number; accuracy?: string; sha256: string };
  supernet?: {
    steps: number; batch: number; imagesSeen: number; seconds: number; parameters: number;
    largestAccuracy: number; smallestAccuracy: number;
  };
  predictors?: Predictor[];
  search?: { algorithm: string; evaluations: number; seconds: number; hypervolume: number };
  forms?: { searched: string[]; dropped: Record<string, string> };
  /** Of a search that cuts a trained model. */
  model?: { reference: string; order: string; transfer?: boolean; keptWhole: { channels: string; size: number; node: string; reason: string }[] };
  front?: Member[];
  /** What is honest to say of the result, a sentence or two each. */
  closing?: string[];
  baseline?: Member[];
  seconds?: number;
}

/** What was noticed of a search's images before anything was trained. */
export interface DataReport {
  classes: { name: string; train: number; validation: number; test: number }[];
  shape: { channels: number; height: number; width: number };
  division: string;
  skipped: { kind: string; count: number }[];
  unreadable: { file: string; reason: string }[];
  oriented: number;
  warnings: string[];
}

export interface Device {
  id: number | string;
  name: string;
  backend: string;
  runtime: string;
  processor: string;
  threads: number;
  measuredThreads?: number;
  memoryBytes: number;
  version: string;
  /** `offline`, `measuring` or `idle`. */
  state: string;
  health: string;
  healthReason: string;
  here: boolean;
  /** `real`, `emulated`, `simulated` or `published`: what stands behind its figures. */
  reality?: string;
  forms?: string[];
  metrics?: string[];
  /** How many of its newest measurements were judged how. */
  verdicts?: Record<string, number>;
  waitingJobs: number;
  measurements: number;
  lastSeenAt: string;
}

export interface Space { name: string; description?: string; size?: string; genes?: number }

/** A data set that searches may name as `dataset:NAME`. */
export interface DataSet { name: string; kind: string; uploaded: boolean; files?: number; bytes?: number; createdAt: string }

export interface Recipe { name: string; steps: string[] }

/** What became of one node; figures that are not numbers come as text. */
export interface NodeOutcome {
  name: string;
  opType: string;
  form: string;
  becomes: string;
  reason: string;
  weightDecibels: number | string;
}

export interface CompressedFile {
  /** Empty for the model as it came. */
  step: string;
  artifactId: string;
  bytes: number;
  accuracy?: number | null;
  p50?: number | null;
  p90?: number | null;
  notMeasured?: string | null;
  report?: {
    step: string; outputDecibels: number | string; integerNodes: number; floatNodes: number;
    nodes: NodeOutcome[]; notes: string[]; seconds: number;
  } | null;
}

export interface Compression extends Run {
  request?: { data?: string; settings?: { recipe?: string } };
  report?: {
    recipe: string; device?: string | null; files: CompressedFile[];
    texts: { ending: string; artifactId: string; bytes: number }[];
  };
}

/** What the service's home folder takes of its disk, in bytes. */
export interface Disk {
  total: number;
  free: number;
  /** Whether so little is free that what is stored may fail. */
  low: boolean;
  home: number;
  parts: Record<string, number>;
  retentionDays?: number;
  retentionDiskShare?: number;
}

export interface CompressRequest {
  name?: string;
  artifact?: string;
  model?: string;
  recipe: string;
  data?: string;
  device?: string;
  measure?: boolean;
}

export interface Page<T> { items: T[]; total: number }

/** An answer that is no success: RFC 9457 problem, with texts by field where fields are wrong. */
export class ApiError extends Error {
  constructor(readonly status: number, message: string, readonly errors: Record<string, string> = {}) {
    super(message);
  }
}

const ROOT = 'api/v1';

/** Opens a session by a key or by the secret of a one-time link; the browser keeps it from scripts. */
export async function signIn(entrance: { key: string } | { link: string }): Promise<void> {
  await send('session', {
    method: 'POST', headers: headers({ 'Content-Type': 'application/json' }), body: JSON.stringify(entrance),
  });
}

function headers(more: Record<string, string> = {}): Record<string, string> {
  return { Accept: 'application/json', ...more };
}

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${ROOT}/${path}`, init);
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new ApiError(0, 'Lathe does not answer. Maybe the service is stopped; start it with ./lathe serve.');
  }
  if (!response.ok) throw await problem(response);
  return response;
}

async function problem(response: Response): Promise<ApiError> {
  if (response.status === 401 && !response.url.endsWith('/session')) window.dispatchEvent(new Event('lathe-key-needed'));
  try {
    const body = await response.json();
    return new ApiError(response.status, body.detail ?? body.title ?? response.statusText, body.errors ?? {});
  } catch {
    return new ApiError(response.status, `The service answered ${response.status} ${response.statusText}.`);
  }
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await send(path, { headers: headers(), signal })).json();
}

function page<T>(body: unknown): Page<T> {
  if (Array.isArray(body)) return { items: body, total: body.length };
  const paged = body as { items?: T[]; total?: number };
  const items = paged.items ?? [];
  return { items, total: paged.total ?? items.length };
}

export const api = {
  async searches(number: number, size: number): Promise<Page<Search>> {
    return page(await get(`searches?page=${number}&size=${size}`));
  },
  search: (id: string): Promise<Search> => get(`searches/${id}`),
  async launch(request: LaunchRequest, idempotencyKey: string): Promise<Search> {
    const response = await send('searches', {
      method: 'POST',
      headers: headers({ 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey }),
      body: JSON.stringify(request),
    });
    return response.json();
  },
  async steer(id: string, action: 'pause' | 'resume' | 'cancel'): Promise<void> {
    await send(`searches/${id}/${action}`, { method: 'POST', headers: headers() });
  },
  /** About so many candidates, thinned out evenly by the service; the non-dominated ones stay. */
  async cloud(id: string, about: number): Promise<Page<Candidate>> {
    return page(await get(`searches/${id}/candidates?sample=${about}`));
  },
  async front(id: string): Promise<Member[]> {
    return page<Member>(await get(`searches/${id}/front`)).items;
  },
  /** What would be carried out, with everything decided; refused as a launch would be. */
  async check(request: LaunchRequest): Promise<LaunchRequest> {
    const response = await send('searches/check', {
      method: 'POST', headers: headers({ 'Content-Type': 'application/json' }), body: JSON.stringify(request),
    });
    return response.json();
  },
  /** Pairs of the number of evaluations and the hypervolume after it. */
  hypervolume: (id: string): Promise<[number, number][]> => get(`searches/${id}/hypervolume`),
  methods: (): Promise<Method[]> => get('methods'),
  forms: (): Promise<string[]> => get('forms'),
  quantities: (): Promise<Quantity[]> => get('metrics'),
  tables: (): Promise<RecordedTable[]> => get('tables'),
  async sendTable(name: string, file: Blob): Promise<RecordedTable> {
    const response = await send(`tables/${encodeURIComponent(name)}`, {
      method: 'PUT', headers: headers({ 'Content-Type': 'text/csv' }), body: file,
    });
    return response.json();
  },
  /** Undefined until the images are read, and where they are built in. */
  async dataReport(id: string): Promise<DataReport | undefined> {
    const response = await send(`searches/${id}/data`, { headers: headers() });
    return response.status === 204 ? undefined : response.json();
  },
  /** The report of a finished search; undefined before. */
  async report(id: string): Promise<Report | undefined> {
    try {
      return await get<Report>(`searches/${id}/report`);
    } catch (error) {
      if (error instanceof ApiError && [404, 409].includes(error.status)) return undefined;
      throw error;
    }
  },
  async devices(): Promise<Device[]> {
    return page<Device>(await get('devices')).items;
  },
  /** The predictors of one search, or the newest of all. */
  async predictors(search?: string): Promise<Predictor[]> {
    return page<Predictor>(await get(`predictors${search ? `?search=${search}` : ''}`)).items;
  },
  async spaces(): Promise<Space[]> {
    return page<Space>(await get('spaces')).items;
  },
  dataSets: (): Promise<DataSet[]> => get('datasets'),
  /** Sends an archive (zip, tar, tar within gzip), to be read as `folder`, `idx` or `cifar`. */
  async sendData(name: string, kind: string, archive: Blob): Promise<DataSet> {
    const response = await send(`datasets/${encodeURIComponent(name)}?kind=${kind}`, {
      method: 'PUT', headers: headers({ 'Content-Type': 'application/octet-stream' }), body: archive,
    });
    return response.json();
  },
  async compressions(number: number, size: number): Promise<Page<Compression>> {
    return page(await get(`compressions?page=${number}&size=${size}`));
  },
  disk: (): Promise<Disk> => get('disk'),
  /** Deletes what lies at a path, as `searches/3`. */
  async remove(path: string): Promise<void> {
    await send(path, { method: 'DELETE', headers: headers() });
  },
  compression: (id: string): Promise<Compression> => get(`compressions/${id}`),
  recipes: (): Promise<Recipe[]> => get('compressions/recipes'),
  /** Sends an ONNX file; answers with its SHA-256. */
  async sendModel(file: Blob): Promise<string> {
    const response = await send('compressions/models', {
      method: 'POST', headers: headers({ 'Content-Type': 'application/onnx' }), body: file,
    });
    return (await response.json()).sha256;
  },
  async compress(request: CompressRequest, idempotencyKey: string): Promise<Compression> {
    const response = await send('compressions', {
      method: 'POST',
      headers: headers({ 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey }),
      body: JSON.stringify(request),
    });
    return response.json();
  },
  async cancelCompression(id: string): Promise<Compression> {
    return (await send(`compressions/${id}/cancel`, { method: 'POST', headers: headers() })).json();
  },
  contentUrl: (artifactId: number | string): string => `${ROOT}/artifacts/${artifactId}/content`,
  onnxUrl: (artifactId: number | string): string => `${ROOT}/artifacts/${artifactId}/onnx`,
};

export interface Follower {
  event(name: string, data: unknown): void;
  /** Told when the connection comes (after which everything should be read anew) or goes. */
  connected(yes: boolean): void;
}

/**
 * Follows a search's server-sent events until the returned function is called; reconnects by itself.
 * Read through fetch rather than EventSource, which does not tell a refusal from a lost connection.
 */
export function follow(id: string, follower: Follower): () => void {
  const stop = new AbortController();
  void (async () => {
    let wait = 500;
    const heard = { id: '', over: false };
    while (!stop.signal.aborted && !heard.over) {
      try {
        const response = await send(`searches/${id}/events`, {
          headers: headers({
            Accept: 'text/event-stream', ...(heard.id ? { 'Last-Event-ID': heard.id } : {}),
          }),
          signal: stop.signal,
        });
        follower.connected(true);
        wait = 500;
        await readEvents(response.body!, follower, heard);
      } catch (error) {
        if (error instanceof ApiError && [401, 403, 404].includes(error.status)) return;
      }
      if (stop.signal.aborted || heard.over) return;
      follower.connected(false);
      await new Promise((done) => setTimeout(done, wait));
      wait = Math.min(wait * 2, 15_000);
    }
  })();
  return () => stop.abort();
}

async function readEvents(
  body: ReadableStream<Uint8Array>, follower: Follower, heard: { id: string; over: boolean },
): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let name = 'message';
  let data: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) {
          try {
            const value = JSON.parse(data.join('\n'));
            heard.over = name === 'state' && ['finished', 'cancelled'].includes(value.state);
            follower.event(name, value);
          } catch {
            follower.event(name, data.join('\n'));
          }
        }
        name = 'message';
        data = [];
      } else if (line.startsWith('event:')) {
        name = line.slice(6).trim();
      } else if (line.startsWith('id:')) {
        heard.id = line.slice(3).trim();
      } else if (line.startsWith('data:')) {
        data.push(line.slice(5).replace(/^ /, ''));
      }
    }
  }
}
