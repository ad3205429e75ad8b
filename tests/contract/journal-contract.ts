/**
 * What every journal must do between members, whichever server carries it: called once per journal.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Message } from '../../src/cache/coherence/index.ts';
import type { Journal } from '../../src/cache/index.ts';
import { until } from './when-ready.ts';

type Write = Message & { type: 'write' };

export interface JournalBed extends AsyncDisposable {
  join(id: string): Journal;
  /** Another client's text on the channel that all members hear. */
  shout(text: string): Promise<void>;
  /** What readers look up when a message names no tags. */
  outbox: Map<number, readonly string[]>;
  /** Ends the connections of everybody, as a server that restarts does; resolves when it is back. */
  breakAll?(): Promise<void>;
}

interface Post {
  readonly id: string;
  readonly journal: Journal;
  readonly heard: Message[];
  answering: boolean;
}

/** A member that records, and answers every write of another. */
function joinPost(bed: JournalBed): Post {
  const id = randomUUID();
  const post: Post = { id, journal: bed.join(id), heard: [], answering: true };
  post.journal.subscribe((message) => {
    post.heard.push(message);
    if (message.type === 'answer' || message.from === id || !post.answering) return undefined;
    return { type: 'answer', from: id, to: message.from, xid: message.xid };
  });
  return post;
}

let lastXid = 1_000;
function writeOf(post: Post, ...tags: string[]): Write {
  lastXid += 1;
  return { type: 'write', from: post.id, identity: 'contract', xid: lastXid, tags };
}
const writesIn = (post: Post): Message[] => post.heard.filter((m) => m.type === 'write');
const answersIn = (post: Post): Message[] => post.heard.filter((m) => m.type === 'answer');

/** Until all hear each other: connections are made, and made again, behind one's back. */
async function meet(posts: readonly Post[]): Promise<void> {
  for (const from of posts) await heardByAll(from, posts);
}

/** Writes until one was heard and answered by all others; that one. */
async function heardByAll(from: Post, posts: readonly Post[]): Promise<Write> {
  let write: Write | undefined;
  await until(async () => {
    const next = writeOf(from, 'hello');
    await from.journal.publish(next, undefined);
    await until(() => answersTo(from, next).size === posts.length - 1, 500);
    write = next;
    return true;
  });
  return write!;
}

function answersTo(post: Post, { xid }: Write): Set<string> {
  const answers = answersIn(post).filter((message) => message.xid === xid);
  return new Set(answers.map((message) => message.from));
}

export function journalContract(
  openBed: () => Promise<JournalBed>,
  { breakable = true }: { breakable?: boolean } = {},
): void {
  let bed: JournalBed;
  let posts: Post[];
  let writer: Post;
  let others: Post[];

  beforeAll(async () => {
    bed = await openBed();
    posts = Array.from({ length: 3 }, () => joinPost(bed));
    writer = posts[0]!;
    others = posts.slice(1);
    await meet(posts);
  });
  afterAll(async () => {
    await Promise.all((posts ?? []).map(({ journal }) => journal.close()));
    await bed?.[Symbol.asyncDispose]();
  });

  it('brings a write to all others as it was, and their answers to the writer alone', async () => {
    const write = writeOf(writer, 'scene:1', 'ключ "\'\\ \n', '');
    await writer.journal.publish(write, undefined);
    await until(() => answersTo(writer, write).size === others.length);
    for (const other of others) {
      expect(other.heard).toContainEqual(write);
      expect(answersTo(other, write).size).toBe(0);
    }
  });

  it('brings a write that is sent again to those who are named, and to nobody else', async () => {
    const write = writeOf(writer, 'again');
    await writer.journal.publish(write, [others[1]!.id]);
    await until(() => answersTo(writer, write).size === 1);
    // What is sent to all is delivered after it, over the same connections.
    const after = writeOf(writer, 'after');
    await writer.journal.publish(after, undefined);
    await until(() => answersTo(writer, after).size === others.length);
    expect(others[0]!.heard).not.toContainEqual(write);
  });

  it('brings many writes of one moment in few texts, and many answers in fewer', async () => {
    const before = posts.map(({ journal }) => journal.status());
    const writes = Array.from({ length: 100 }, (_, index) => writeOf(writer, `many:${index}`));
    await Promise.all(writes.map((write) => writer.journal.publish(write, undefined)));
    await until(() => writes.every((write) => answersTo(writer, write).size === others.length));
    const texts = posts.map(({ journal }, i) => journal.status().texts - before[i]!.texts);
    // 100 writes take one text, or two where a payload is small; so do their answers. Probes aside.
    for (const sent of texts) expect(sent).toBeLessThanOrEqual(6);
    for (const other of others) expect(other.heard).toEqual(expect.arrayContaining(writes));
  });

  it('brings a write with more tags than a message may hold', async () => {
    const tags = Array.from({ length: 60_000 }, (_, index) => `project:${index}:scenes`);
    const write = writeOf(writer, ...tags);
    bed.outbox.set(write.xid, tags);
    await writer.journal.publish(write, undefined);
    await until(() => answersTo(writer, write).size === others.length);
    for (const other of others) expect(other.heard).toContainEqual(write);
  });

  it('does not deliver a write whose tags nobody can find: it would be answered unknown', async () => {
    const tags = Array.from({ length: 60_000 }, (_, index) => `project:${index}:lost`);
    const write = writeOf(writer, ...tags);
    await writer.journal.publish(write, undefined);
    const after = writeOf(writer, 'after');
    await writer.journal.publish(after, undefined);
    await until(() => answersTo(writer, after).size === others.length);
    const delivered = others.flatMap(writesIn).filter(({ xid }) => xid === write.xid);
    // A journal whose messages hold them all has delivered them all; none has delivered fewer.
    for (const message of delivered) expect(message).toEqual(write);
    expect([0, others.length]).toContain(delivered.length);
  });

  it('ignores and counts what is no message', async () => {
    const [other] = others;
    const before = other!.journal.status().malformed;
    const heard = other!.heard.length;
    const texts = [
      'not JSON',
      '',
      '{}',
      'null',
      '[["w"]]',
      '[["w","x","y","1",[]]]',
      '[["w","x","y",1,[2]]]',
      '[["w","x","y",-1,[]]]',
      '[["w","x","y",1e300,[]]]',
      '[["a","x","y",{"__proto__":1}]]',
      `[${'['.repeat(3_000)}`,
      '[["z","x"]]',
    ];
    for (const text of texts) await bed.shout(text);
    const write = writeOf(writer, 'still alive');
    await writer.journal.publish(write, undefined);
    await until(() => answersTo(writer, write).size === others.length);
    await until(() => other!.journal.status().malformed >= before + texts.length);
    expect(other!.heard.slice(heard).filter((m) => m.type === 'write')).toEqual([write]);
  });

  it('says nothing to a member that has closed, and goes on without it', async () => {
    const leaver = joinPost(bed);
    await meet([writer, leaver, ...others]);
    await leaver.journal.close();
    const heard = leaver.heard.length;
    const write = writeOf(writer, 'gone');
    await writer.journal.publish(write, undefined);
    await until(() => answersTo(writer, write).size === others.length);
    expect(leaver.heard.length).toBe(heard);
  });

  if (!breakable) return;
  it('hears again, with nobody doing anything, after every connection broke', async () => {
    await bed.breakAll?.();
    for (const from of posts) {
      const write = await heardByAll(from, posts);
      for (const { heard } of posts.filter((post) => post !== from)) {
        expect(heard).toContainEqual(write);
      }
    }
  });
}
