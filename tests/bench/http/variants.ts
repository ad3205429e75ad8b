/** Servers under load, each in turn, as variants of one measurement: of each the CPU of its own process. */
import { measure, type Measured, type Variant } from '../harness.ts';
import { Load, requestBytes, type LoadTarget } from './load.ts';
import type { Served } from './served.ts';
import { sceneUrl, type Person } from './stage.ts';

const ROUNDS = 15;
const BATCH_MS = 200;
/** Asked of each server before: V8 compiles what is hot only after some ten thousand calls. */
const WARM_UP_MS = 1_500;
const WARM_UP_TIMES = 500;

/** Every scene of everybody, by turns: one after the other, a session would be asked for 20 times. */
export function everyScene(people: readonly Person[]): Asked[] {
  return people[0]!.sceneIds.flatMap((_, scene) =>
    people.map((person) => ({ url: sceneUrl(person, scene), headers: person.headers })),
  );
}

export interface Asked {
  readonly url: string;
  readonly headers: Record<string, string>;
}

export function everyOf({ port }: Served, asked: readonly Asked[]): LoadTarget {
  return {
    port,
    status: 200,
    requests: asked.map(({ url, headers }) => requestBytes(url, headers)),
  };
}

export interface LoadVariant extends Variant {
  close(): void;
}

export function variant(name: string, served: Served, to: LoadTarget): LoadVariant {
  const load = new Load(to);
  return {
    name,
    run: (times) => load.run(times),
    cpuUs: () => served.cpuUs(),
    close: () => load.close(),
  };
}

export async function measureAll(variants: readonly LoadVariant[]): Promise<Measured[]> {
  try {
    for (const one of variants) {
      const until = performance.now() + WARM_UP_MS;
      while (performance.now() < until) await one.run(WARM_UP_TIMES);
    }
    return await measure(variants, { rounds: ROUNDS, batchMs: BATCH_MS });
  } finally {
    for (const one of variants) one.close();
  }
}
