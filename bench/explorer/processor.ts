// Processor time of the worker that has the figures, from a trace of the browser: what a step takes of a processor,
// however many others want one.

/** What is read of a trace event. */
interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  /** Processor time, microseconds. */
  tdur?: number;
  args?: { name?: string };
}

/** What has to be traced. */
export const TRACED = ['devtools.timeline', 'toplevel'];

/**
 * Milliseconds of processor time of each question to the worker that answers a step first. @param trace as
 * `browser.stopTracing` gives it @param least questions that a worker of the sliders gets
 */
export function processorMs(trace: Buffer, least: number): number[] {
  // Cast: the browser's own format.
  const { traceEvents } = JSON.parse(trace.toString('utf8')) as { traceEvents: TraceEvent[] };
  const key = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const workers = new Set(
    traceEvents
      .filter(({ ph, name, args }) => ph === 'M' && name === 'thread_name' && args?.name?.startsWith('DedicatedWorker'))
      .map(key),
  );
  const tasks = new Map<string, TraceEvent[]>();
  for (const event of traceEvents)
    if (event.ph === 'X' && event.name === 'HandlePostMessage' && workers.has(key(event)))
      tasks.set(key(event), [...(tasks.get(key(event)) ?? []), event]);
  const first = (events: readonly TraceEvent[]): number => Math.min(...events.map(({ ts }) => ts));
  const [asked] = [...tasks.values()].filter(({ length }) => length >= least).sort((a, b) => first(a) - first(b));
  return (asked ?? []).map(({ tdur = 0 }) => tdur / 1000);
}
