import { setTimeout as pause } from 'node:timers/promises';

/** An event as a page gets it. */
export interface ReceivedEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

/** What browsers wait before they connect again, unless the stream says otherwise. */
const defaultPauseMs = 3_000;

/**
 * Reads server-sent events as the standard has browsers do: it connects again whenever the answer ends, after the pause
 * that the stream asked for and with the id of the last event, until an answer is not 200 or no event stream.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class EventReader {
  /** Statuses of the answers, in order. */
  readonly answers: number[] = [];
  private readonly url: string;
  private readonly headers: Readonly<Record<string, string>>;
  private pauseMs = defaultPauseMs;
  private lastEventId = '';

  constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.url = url;
    this.headers = headers;
  }

  async *events(): AsyncGenerator<ReceivedEvent> {
    for (;;) {
      const lastEvent = this.lastEventId === '' ? {} : { 'last-event-id': this.lastEventId };
      const response = await fetch(this.url, {
        headers: { ...this.headers, ...lastEvent, accept: 'text/event-stream' },
      });
      this.answers.push(response.status);
      if (response.status !== 200 || !response.headers.get('content-type')?.startsWith('text/event-stream')) return;
      yield* this.dispatched(await response.text());
      await pause(this.pauseMs);
    }
  }

  /** The events of a stream that has ended: a block without an empty line behind it is dropped. */
  private *dispatched(stream: string): Generator<ReceivedEvent> {
    const blocks = stream.split('\n\n').slice(0, -1);
    for (const block of blocks) {
      const data: string[] = [];
      let type = 'message';
      for (const line of block.split('\n')) {
        const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
        if (field === 'data') data.push(value);
        if (field === 'event') type = value;
        if (field === 'id') this.lastEventId = value;
        if (field === 'retry' && /^\d+$/.test(value)) this.pauseMs = Number(value);
      }
      if (data.length > 0) yield { type, data: data.join('\n'), lastEventId: this.lastEventId };
    }
  }
}
