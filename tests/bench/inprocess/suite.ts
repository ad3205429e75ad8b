/** `bench -- inprocess`: what a hit in the process's own memory costs, beside its floor and peers. */
import { measure, type Variant } from '../harness.ts';
import { rowsOf, tableOf, warnings } from '../report.ts';
import type { Suite, SuiteResult } from '../suite.ts';
import { openEngine } from './ours.ts';
import { openFloor, openMap, openPeers, type Reader } from './peers.ts';
import { makeIds, makeScene, reading } from './value.ts';

export const inprocessSuite: Suite = {
  name: 'inprocess',
  what: 'a hit in the process’s own memory, beside await on an async lru-cache get with ttl',
  async run({ peersMissing }): Promise<SuiteResult> {
    const engine = await openEngine();
    const ours: Reader[] = [
      { name: 'Greenroom get', read: engine.get },
      { name: 'Greenroom read', read: engine.read, close: engine.close },
    ];
    const map = openMap(makeScene);
    // Without the peers there is no lru-cache either; the Map is then the floor.
    const others =
      peersMissing === undefined
        ? [await openFloor(makeScene), map, ...ours, ...(await openPeers(makeScene))]
        : [map, ...ours];
    const ids = makeIds();
    const variants: Variant[] = others.map(({ name, read }) => ({ name, run: reading(ids, read) }));
    // Filled first: what is measured is hits.
    for (const { read } of others) for (const id of ids) await read(id);
    const measured = await measure(variants);
    const hitRate = engine.hitRate();
    for (const { close } of others) await close?.();
    return {
      rows: rowsOf(measured, others[0]!.name),
      table: tableOf(measured, 'CPU per hit'),
      notes: [
        '1,000 keys of 4 KB with Dates in them, read one after another; CPU time of the process, interleaved',
        `${(hitRate * 100).toFixed(1)}% of Greenroom's reads were hits`,
        ...warnings(measured),
        ...(peersMissing === undefined ? [] : [peersMissing]),
      ],
    };
  },
};
