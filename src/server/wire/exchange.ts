/**
 * A request that the wire path has taken, and where its answer goes: a response of Node's server, or,
 * where the same bytes came before, the connection itself (repeats.ts).
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Place } from '../../cache/index.ts';
import type { Admitted } from './admission.ts';
import type { Plan } from './plan.ts';
import type { Answer, Send } from './send.ts';

/** What a request asks for, as far as its bytes say. */
export interface Meaning {
  /** What was last found in memory for it, where it is asked again by its bytes (repeats.ts). */
  recalled?: Recalled;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly plan: Plan;
  readonly admitted: Admitted;
}

/** As long as the cache would give the very same of all these places, the answer is the same. */
export interface Recalled {
  readonly session: unknown;
  /** Of the session, of access, of each call: in the order in which they were looked up. */
  readonly places: readonly Place[];
}

export interface Exchange {
  readonly meaning: Meaning;
  /** Those of its meaning. */
  readonly headers: IncomingHttpHeaders;
  readonly socket: Socket;
  /** Undefined where the same bytes came before: Node has not read these. */
  readonly http: HttpExchange | undefined;
  send(answer: Answer): void;
}

export interface HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export class ResponseExchange implements Exchange {
  readonly meaning: Meaning;
  readonly http: HttpExchange;
  readonly #send: Send;

  constructor(meaning: Meaning, http: HttpExchange, send: Send) {
    this.meaning = meaning;
    this.http = http;
    this.#send = send;
  }

  get headers(): IncomingHttpHeaders {
    return this.meaning.headers;
  }

  get socket(): Socket {
    return this.http.request.socket;
  }

  send(answer: Answer): void {
    this.#send(this.http.response, answer);
  }
}
