/**
 * How long a hit takes, as its client sees it, while something else goes on: nothing, one call in a
 * hundred a write, and the other of two servers ending and starting again. Two whole servers with a
 * PostgreSQL and a Redis of their own; one of them is asked.
 */
import { Agent } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, quantile, deviation } from '../harness.ts';
import { call, change } from '../http/call.ts';
import { addPerson, sceneUrl, type Person } from '../http/stage.ts';
import { environment, serve } from '../http/served.ts';
import type { Servers } from '../servers.ts';

export interface Latencies {
  readonly name: string;
  readonly hits: number;
  /** Medians over the rounds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Median over the rounds of the quiet p99 ÷ this one. */
  readonly ratio: number;
  readonly spread: number;
}

const CLIENTS = 8;
const ROUND_MS = 1_000;
const ROUNDS = 5;
const WRITE_SHARE = 0.01;

type During = (stop: AbortSignal) => Promise<void>;

export async function measureLatencies(
  servers: Servers,
  say: (line: string) => void,
): Promise<Latencies[]> {
  await using parts = new AsyncDisposableStack();
  const world = parts.use(await servers.createWorld());
  const dataDir = await mkdtemp(join(tmpdir(), 'greenroom-bench-growth-'));
  parts.defer(() => rm(dataDir, { recursive: true, force: true }));
  const env = {
    ...environment({ dataDir, databaseUrl: world.databaseUrl }),
    REDIS_URL: `redis://${world.server.host}:${world.server.port}`,
    LOG_LEVEL: 'error',
  };
  const asked = parts.use(await serve({ kind: 'ours', env }));
  let other = await serve({ kind: 'ours', env });
  parts.defer(() => other[Symbol.asyncDispose]());
  const person = await addPerson(asked.port, 'person');
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  parts.defer(() => agent.destroy());
  const ask = createAsk({ agent, port: asked.port, person });

  async function restart(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await other[Symbol.asyncDispose]();
      other = await serve({ kind: 'ours', env });
    }
  }

  const kinds: { name: string; writeShare: number; during?: During }[] = [
    { name: 'reads alone', writeShare: 0 },
    { name: '1% of the calls are writes', writeShare: WRITE_SHARE },
    { name: '1% are writes, the other server restarts', writeShare: WRITE_SHARE, during: restart },
  ];
  await round({ ask, writeShare: 0 });
  const rounds = kinds.map((): { p50: number; p99: number; hits: number }[] => []);
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    say(`latencies, round ${turn + 1} of ${ROUNDS}`);
    for (const [index, { writeShare, during }] of kinds.entries()) {
      const hits = await round({ ask, writeShare, ...(during ? { during } : {}) });
      rounds[index]!.push({
        p50: quantile(hits, 0.5),
        p99: quantile(hits, 0.99),
        hits: hits.length,
      });
    }
  }
  return kinds.map(({ name }, index) => {
    const own = rounds[index]!;
    const ratios = own.map(({ p99 }, turn) => rounds[0]![turn]!.p99 / p99);
    const ratio = median(ratios);
    return {
      name: `p99 of hits, ${name}`,
      hits: own.reduce((sum, one) => sum + one.hits, 0),
      p50Ms: median(own.map(({ p50 }) => p50)),
      p99Ms: median(own.map(({ p99 }) => p99)),
      ratio,
      spread: deviation(ratios) / ratio,
    };
  });
}

interface Ask {
  /** Milliseconds of a hit; undefined for an answer that was none. */
  read(): Promise<number | undefined>;
  write(): Promise<void>;
}

interface Round {
  readonly ask: Ask;
  readonly writeShare: number;
  readonly during?: During;
}

/** Milliseconds of each hit. At least as long as what goes on meanwhile takes. */
async function round({ ask, writeShare, during }: Round): Promise<number[]> {
  const hits: number[] = [];
  const stop = new AbortController();
  const going = during?.(stop.signal);
  const until = performance.now() + ROUND_MS;
  let ended = going === undefined;
  void going?.finally(() => (ended = true));
  async function client(): Promise<void> {
    while (performance.now() < until || !ended) {
      if (performance.now() >= until) stop.abort();
      if (Math.random() < writeShare) {
        await ask.write();
        continue;
      }
      const ms = await ask.read();
      if (ms !== undefined) hits.push(ms);
    }
  }
  await Promise.all([...Array.from({ length: CLIENTS }, client), going]);
  return hits;
}

interface AskOptions {
  readonly agent: Agent;
  readonly port: number;
  readonly person: Person;
}

function createAsk({ agent, port, person }: AskOptions): Ask {
  const { projectId, sceneIds, headers } = person;
  const any = (): number => Math.floor(Math.random() * sceneIds.length);
  return {
    async read() {
      const { ms, hit } = await call({ agent, port, headers, path: sceneUrl(person, any()) });
      return hit ? ms : undefined;
    },
    async write() {
      const input = { projectId, sceneId: sceneIds[any()]!, name: `Scene ${Math.random()}` };
      await change('scene.update', input, { agent, port, person });
    },
  };
}
