/** Tasks of the event loop. Timers would not do: a page that is not seen gets them a second late. */

const waiting: (() => void)[] = [];
let channel: MessageChannel | null = null;

/** Runs this in a task of its own, after those asked for before. */
export function queueTask(work: () => void): void {
  if (!channel) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => waiting.shift()?.();
  }
  waiting.push(work);
  channel.port2.postMessage(null);
}

/** Resolves in the next task. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    queueTask(resolve);
  });
}
