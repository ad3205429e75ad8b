/**
 * What every journal does around its transport: gathers what is published in one turn of the event
 * loop into few texts (answers to one sender become one letter), delivers and answers what comes,
 * and probes its own hearing. A listening connection that died without a word (a half-open TCP
 * connection, a proxy that lost one side) looks like peace; a text that a member sends to itself
 * and does not hear tells the difference.
 */
import { SECOND } from '../../config/duration.ts';
import type { Message, Xid } from '../coherence/index.ts';
import type { Journal, JournalStatus, Receive, Transport } from './journal.ts';
import { sealedTransport } from './sealed-transport.ts';
import { lettersOf, parseLetters, textsOf, type Letter } from './wire.ts';

export interface JournalOptions {
  /** The member's. */
  readonly id: string;
  readonly transport: Transport;
  /** Signs what is sent; what is not signed with it is refused. The same in all processes. */
  readonly secret?: string | undefined;
  /** From the outbox, for writes whose tags do not fit into a text. Without it those are lost. */
  readonly readTags?: (xid: Xid) => Promise<readonly string[]>;
  /** Default 2 s, a lease: deafness costs writers no more than that twice. 0: never. */
  readonly probeEveryMs?: number;
}

const PROBE_EVERY_MS = 2 * SECOND;

/** What waits for the end of this turn. */
interface Outgoing {
  /** By addressee; undefined for all. */
  readonly messages: Map<string | undefined, Message[]>;
  readonly sent: PromiseWithResolvers<void>;
}

export function createJournal(options: JournalOptions): Journal {
  const { id, readTags, secret } = options;
  const counts = { published: 0, delivered: 0, texts: 0, failures: 0, malformed: 0, revived: 0 };
  const transport =
    secret === undefined
      ? options.transport
      : sealedTransport(options.transport, { secret, onRefused: () => (counts.malformed += 1) });
  let outgoing: Outgoing | undefined;
  let receive: Receive | undefined;
  let hearing: boolean | undefined;
  let heard = 0;
  let probe = 0;
  /** The probe that was sent and should have been heard by now. */
  let awaited: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  function publish(message: Message, to: readonly string[] | undefined): Promise<void> {
    if (outgoing === undefined) {
      outgoing = { messages: new Map(), sent: Promise.withResolvers() };
      process.nextTick(flush);
    }
    const { messages, sent } = outgoing;
    for (const addressee of to ?? [undefined]) {
      const waiting = messages.get(addressee) ?? [];
      waiting.push(message);
      messages.set(addressee, waiting);
    }
    counts.published += 1;
    return sent.promise;
  }

  function flush(): void {
    if (outgoing === undefined) return;
    const { messages, sent } = outgoing;
    outgoing = undefined;
    const parcels = Array.from(messages, ([to, those]) => ({ to, letters: lettersOf(those) }));
    send(parcels).then(sent.resolve, sent.reject);
  }

  async function send(mail: readonly { to: string | undefined; letters: Letter[] }[]) {
    const parcels = mail.flatMap(({ to, letters }) =>
      textsOf(letters, transport.textBytesMax).map((text) => ({ to, text })),
    );
    if (parcels.length === 0) return;
    counts.texts += parcels.length;
    try {
      await transport.send(parcels);
    } catch (error) {
      counts.failures += 1;
      throw error;
    }
  }

  function deliver(text: string): void {
    const letters = parseLetters(text);
    if (letters === undefined) counts.malformed += 1;
    for (const letter of letters ?? []) open(letter);
  }

  function open(letter: Letter): void {
    switch (letter[0]) {
      case 'w': {
        const [, from, identity, xid, tags] = letter;
        handOver({ type: 'write', from, identity, xid, tags });
        break;
      }
      case 'x':
        if (letter[1] !== id) void complete(letter);
        break;
      case 'a': {
        const [, from, to, xids] = letter;
        for (const xid of xids) handOver({ type: 'answer', from, to, xid });
        break;
      }
      case 'p':
        if (letter[1] === id) heard = Math.max(heard, letter[2]);
    }
  }

  async function complete([, from, identity, xid]: Letter & readonly ['x', ...unknown[]]) {
    try {
      const tags = await readTags?.(xid);
      // No rows: another database's, or trimmed. To answer would be to know what one does not.
      if (tags === undefined || tags.length === 0) counts.malformed += 1;
      else handOver({ type: 'write', from, identity, xid, tags });
    } catch {
      counts.failures += 1;
    }
  }

  function handOver(message: Message): void {
    counts.delivered += 1;
    const answer = receive?.(message);
    if (answer?.type !== 'answer') return;
    // Lost, it is asked for again; never answered, the writer waits for a lease.
    publish(answer, [answer.to]).catch(() => undefined);
  }

  /** A probe that could be sent, and was not heard until the next is due, is the sign. */
  async function probeHearing(): Promise<void> {
    if (awaited !== undefined) {
      hearing = heard >= awaited;
      awaited = undefined;
      if (!hearing) {
        counts.revived += 1;
        transport.revive();
        return;
      }
    }
    probe += 1;
    const sent = probe;
    try {
      await send([{ to: id, letters: [['p', id, sent]] }]);
      awaited = sent;
    } catch {
      // Nobody can be heard now. The transport comes back by itself, and is asked again then.
      hearing = false;
    }
  }

  return {
    publish,
    subscribe(to) {
      receive = to;
      transport.listen(deliver);
      const everyMs = options.probeEveryMs ?? PROBE_EVERY_MS;
      if (everyMs === 0) return;
      timer = setInterval(() => void probeHearing(), everyMs);
      timer.unref();
    },
    status: (): JournalStatus => ({ kind: transport.kind, hearing, ...counts }),
    async close() {
      clearInterval(timer);
      receive = undefined;
      await transport.close();
    },
  };
}
