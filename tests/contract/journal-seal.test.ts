/** Between members with a secret, what anybody else sends is not heard. */
import { expect, it } from 'vitest';
import { createLocalHub, type Journal } from '../../src/cache/index.ts';
import type { Message } from '../../src/cache/coherence/index.ts';
import { until } from './when-ready.ts';

const WRITE: Message = { type: 'write', from: 'writer', identity: 'db', xid: 7, tags: ['scene:1'] };

function join(hub: ReturnType<typeof createLocalHub>, id: string, secret?: string) {
  const journal: Journal = hub.join(id, { secret, probeEveryMs: 0 });
  const heard: Message[] = [];
  journal.subscribe((message) => {
    heard.push(message);
    if (message.type === 'answer') return undefined;
    return { type: 'answer', from: id, to: message.from, xid: message.xid };
  });
  return { journal, heard };
}

it('members with one secret hear and answer each other', async () => {
  const hub = createLocalHub();
  const writer = join(hub, 'writer', 'a secret');
  const reader = join(hub, 'reader', 'a secret');
  await writer.journal.publish(WRITE, undefined);
  await until(async () => writer.heard.some(({ type }) => type === 'answer'));
  expect(reader.heard).toEqual([WRITE]);
});

it('nobody is answered for by one who does not know the secret', async () => {
  const hub = createLocalHub({ textBytesMax: 1_000 });
  const writer = join(hub, 'writer', 'a secret');
  const guesser = join(hub, 'reader', 'another secret');
  const open = join(hub, 'open');
  const forged: Message = { type: 'answer', from: 'reader', to: 'writer', xid: 7 };
  await guesser.journal.publish(forged, ['writer']);
  await open.journal.publish(forged, ['writer']);
  await hub.transport('stranger').send([{ to: 'writer', text: '["a","reader","writer",[7]]' }]);
  await until(async () => writer.journal.status().malformed === 3);
  expect(writer.heard).toEqual([]);
});

it('a text for one that was changed on the way is refused', async () => {
  const hub = createLocalHub();
  const texts: string[] = [];
  hub.transport('ear').listen((text) => texts.push(text));
  const writer = join(hub, 'writer', 'a secret');
  const reader = join(hub, 'reader', 'a secret');
  await writer.journal.publish(WRITE, ['ear']);
  await until(async () => texts.length === 1);
  const stranger = hub.transport('stranger');
  await stranger.send([{ to: 'reader', text: texts[0]!.replace('"db",7', '"db",8') }]);
  await stranger.send([{ to: 'reader', text: texts[0]! }]);
  await until(async () => reader.heard.length === 1);
  expect(reader.heard).toEqual([WRITE]);
  expect(reader.journal.status().malformed).toBe(1);
});
