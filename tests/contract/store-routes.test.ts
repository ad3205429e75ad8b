/** Single caches kept elsewhere than the others, or shared with nobody. */
import { expect, it } from 'vitest';
import type { Entry, StorePort } from '../../src/cache/coherence/index.ts';
import { createLocalByteStore } from '../../src/cache/index.ts';
import { routeStores } from '../../src/cache/store-routes.ts';
import { define, openStudio } from '../cache/studio.ts';

function recording(): StorePort & { readonly seen: string[] } {
  const seen: string[] = [];
  return {
    seen,
    get: async (key) => (seen.push(`get ${key}`), undefined),
    set: async (key) => void seen.push(`set ${key}`),
    claim: async (key) => (seen.push(`claim ${key}`), false),
    release: async (key) => void seen.push(`release ${key}`),
  };
}
const entry = {} as Entry;

it('goes by the name of the cache in the key', async () => {
  const [others, builds] = [recording(), recording()];
  const byCache = new Map([
    ['component.build', builds],
    ['project.list', undefined],
  ]);
  const store = routeStores({ others, byCache })!;
  for (const key of ['7.1#a.2/scene.byId:x', '7.1/component.build:y', '7.1/project.list:z']) {
    await store.get(key);
    await store.set(key, entry, 1);
    await store.release(key, 'me');
  }
  expect(others.seen.map((call) => call.split(' ')[1])).toEqual(
    Array(3).fill('7.1#a.2/scene.byId:x'),
  );
  expect(builds.seen.map((call) => call.split(' ')[1])).toEqual(
    Array(3).fill('7.1/component.build:y'),
  );
  expect(await store.claim('7.1/project.list:z', 'me', 1)).toBe(true);
  expect(await store.claim('7.1/scene.byId:x', 'me', 1)).toBe(false);
});

it('is nothing at all without a store and without exceptions', () => {
  expect(routeStores({ others: undefined, byCache: new Map() })).toBeUndefined();
});

it('is reported by cache, beside the store of the others', async () => {
  const definitionOf = (name: string) =>
    define({ name, tags: () => ['scene:1'], load: async () => name });
  const [scene, build, list] = ['scene', 'build', 'list'].map(definitionOf);
  await using studio = await openStudio({
    shared: {
      store: createLocalByteStore(),
      byCache: { build: createLocalByteStore(), list: undefined },
    },
  });
  for (const definition of [scene!, build!, build!, list!]) {
    await studio.cache.get(definition, {});
    await studio.write('1', 'changed');
  }
  const { shared, sharedByCache } = studio.cache.report();
  expect(Object.keys(sharedByCache)).toEqual(['build']);
  expect(shared!.bytesWritten).toBeGreaterThan(0);
  expect(sharedByCache['build']!.bytesWritten).toBeGreaterThan(shared!.bytesWritten);
});
