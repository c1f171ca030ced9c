/** What a replica's process tells the process that started it, over the channel between them: that it works, that it is ready. */

/** What a replica that starts tells the process that started it. */
export interface StartNews {
  readonly news: 'working' | 'ready';
}

const BEAT_MS = 1000;
/** Of the processor, between two beats: far more than an idle process uses, far less than one that reads its log. */
const WORK_MS = 20;

/** Tells the process that started this one, where one did and still is. */
export function tellStarter(news: StartNews['news']): void {
  const message: StartNews = { news };
  // Its end comes as a `disconnect`: that it could not be told does not matter then.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** Tells the starter, until `start` is settled, that this process works: that it uses the processor, not merely lives. */
export async function whileWorking<Started>(start: Promise<Started>): Promise<Started> {
  let used = process.cpuUsage();
  const beat = setInterval(() => {
    const { user, system } = process.cpuUsage(used);
    used = process.cpuUsage();
    if ((user + system) / 1000 >= WORK_MS) tellStarter('working');
  }, BEAT_MS);
  try {
    return await start;
  } finally {
    clearInterval(beat);
  }
}
