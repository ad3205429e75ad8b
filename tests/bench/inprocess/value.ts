/** What is read in process: 4 KB with a Date in it, as a scene of the studio is. */
const CODE_CHARS = 3_600;

export function makeScene(id: string) {
  return {
    id,
    projectId: '3f0e9a3e-6a9b-4c59-9a4e-2f5f6f0a1b2c',
    name: 'Opening',
    type: 'intro',
    order: 1,
    tsxCode: 'const a = 1;\n'.repeat(CODE_CHARS / 13),
    props: { title: 'Aurora', colour: '#ffcc00', steps: [1, 2, 3, 4] },
    durationMs: 4_000,
    version: 7,
    createdAt: new Date(1_700_000_000_000),
    updatedAt: new Date(1_700_000_100_000),
  };
}
export type Scene = ReturnType<typeof makeScene>;

/** Enough that no variant answers from one lucky line of a cache, and that all fit into each L1. */
const KEYS = 1_000;

export function makeIds(): string[] {
  return Array.from(
    { length: KEYS },
    (_, index) => `7d6f8c1e-5b2a-4e3f-9c8d-${String(index).padStart(12, '0')}`,
  );
}

/** Reads one after another, over all keys in turn. Arguments are new each time, as requests' are. */
export function reading(ids: readonly string[], read: (id: string) => Promise<unknown>) {
  let next = 0;
  return async (times: number): Promise<void> => {
    for (let done = 0; done < times; done += 1) {
      next = (next + 1) % ids.length;
      await read(ids[next]!);
    }
  };
}
