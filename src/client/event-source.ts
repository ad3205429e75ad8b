/**
 * Server-sent events by fetch, for where there is no EventSource (Node) or where it cannot carry a
 * bearer token (anywhere). Does what the standard's class does as far as tRPC asks for it: named
 * events, event ids, and a new connection, with the last id, when one ends.
 */
type Fetch = typeof fetch;
type Listener = (event: Event) => void;

const RECONNECT_MS = 1_000;

export interface EventSourceClass {
  new (url: string): {
    readonly CONNECTING: number;
    readonly OPEN: number;
    readonly CLOSED: number;
    readyState: number;
    addEventListener(type: string, listener: Listener): void;
    removeEventListener(type: string, listener: Listener): void;
    close(): void;
  };
}

/** @param fetchEvents  adds credentials to the request */
export function createEventSourceClass(fetchEvents: Fetch): EventSourceClass {
  return class FetchEventSource extends EventTarget {
    readonly CONNECTING = 0;
    readonly OPEN = 1;
    readonly CLOSED = 2;
    readyState = 0;
    readonly #url: string;
    readonly #abort = new AbortController();
    #lastEventId = '';
    #reconnectMs = RECONNECT_MS;

    constructor(url: string) {
      super();
      this.#url = url;
      void this.#run();
    }

    close(): void {
      this.readyState = this.CLOSED;
      this.#abort.abort();
    }

    async #run(): Promise<void> {
      while (this.readyState !== this.CLOSED) {
        try {
          await this.#connect();
        } catch {
          // The connection broke: the loop makes another.
        }
        if (this.#isClosed()) return;
        this.readyState = this.CONNECTING;
        this.dispatchEvent(new Event('error'));
        await this.#pause();
      }
    }

    async #connect(): Promise<void> {
      const response = await fetchEvents(this.#url, {
        headers: {
          accept: 'text/event-stream',
          ...(this.#lastEventId ? { 'last-event-id': this.#lastEventId } : {}),
        },
        cache: 'no-store',
        signal: this.#abort.signal,
      });
      const type = response.headers.get('content-type') ?? '';
      if (!response.ok || !response.body || !type.startsWith('text/event-stream')) {
        // As the standard has it: an answer that is no stream is final.
        await response.body?.cancel();
        this.readyState = this.CLOSED;
        this.dispatchEvent(new Event('error'));
        return;
      }
      this.readyState = this.OPEN;
      this.dispatchEvent(new Event('open'));
      let rest = '';
      for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
        const received = rest + text;
        // A carriage return at the end may be the first half of one line break.
        const half = received.endsWith('\r') ? '\r' : '';
        const whole = half ? received.slice(0, -1) : received;
        const blocks = whole.replaceAll(/\r\n?/g, '\n').split('\n\n');
        rest = (blocks.pop() ?? '') + half;
        for (const block of blocks) this.#dispatch(block);
      }
    }

    #dispatch(block: string): void {
      let type = 'message';
      const data: string[] = [];
      for (const line of block.split('\n')) {
        const colon = line.indexOf(':');
        const field = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
        if (field === 'event') type = value;
        if (field === 'data') data.push(value);
        if (field === 'id') this.#lastEventId = value;
        if (field === 'retry' && /^\d+$/.test(value)) this.#reconnectMs = Number(value);
      }
      if (data.length === 0) return;
      const init = { data: data.join('\n'), lastEventId: this.#lastEventId };
      this.dispatchEvent(new MessageEvent(type, init));
    }

    #isClosed(): boolean {
      return this.readyState === this.CLOSED;
    }

    async #pause(): Promise<void> {
      const { signal } = this.#abort;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#reconnectMs);
        signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
      });
    }
  };
}
