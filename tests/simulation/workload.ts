/**
 * Keys, loads and writes. A key shows one fact, a pair of facts read by two statements, or a list
 * whose items, and so whose tags, are only found during the load. The value of a read is the token
 * of every fact it showed.
 */
import type { Freshness } from '../../src/cache/coherence/freshness.ts';
import type { Loaded } from '../../src/cache/coherence/ports.ts';
import type { Plan } from './plan.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

export interface KeyPlan {
  readonly name: string;
  readonly kind: 'one' | 'pair' | 'list';
  /** All facts that it may show. A list's first fact says which of the others are on it. */
  readonly facts: readonly number[];
  readonly tags: readonly string[];
}

/** fact → token */
export type Shown = ReadonlyMap<number, number>;

export function makeKeys(plan: Plan, random: Random): KeyPlan[] {
  return Array.from({ length: plan.keys }, (_, i): KeyPlan => {
    const name = `k${i}`;
    const first = random.below(plan.facts);
    const kind = random.pick(['one', 'pair', 'list'] as const);
    if (kind === 'one') {
      return { name, kind, facts: [first], tags: entryTags(plan, [first]) };
    }
    const others = [...Array(plan.facts).keys()].filter((fact) => fact !== first);
    if (kind === 'pair') {
      const facts = [first, random.pick(others)];
      return { name, kind, facts, tags: entryTags(plan, facts) };
    }
    const facts = [first, ...others];
    return { name, kind, facts, tags: [factTag(first), ...tableTags(plan, facts)] };
  });
}

/** Of an entry: its facts, and their tables, by which a bulk change is listed. */
function entryTags(plan: Plan, facts: readonly number[]): string[] {
  return [...facts.map(factTag), ...tableTags(plan, facts)];
}

/** An outbox row of an ordinary write has no table tag: that would be every entry's tag. */
export function writeTags(plan: Plan, facts: readonly number[], bulk: boolean): string[] {
  return bulk ? tableTags(plan, facts) : facts.map(factTag);
}

const factTag = (fact: number): string => `f${fact}`;

function tableTags(plan: Plan, facts: readonly number[]): string[] {
  return [...new Set(facts.map((fact) => `t${fact % plan.tables}`))];
}

export function makeFreshness(plan: Plan): Freshness {
  const { ttlMs, staleMs, graceMs, earlyRefresh, softTimeoutMs, loadTimeoutMs } = plan.freshness;
  return {
    ttlMs,
    negativeTtlMs: ttlMs / 2,
    staleMs,
    graceMs,
    loadTimeoutMs,
    ...(earlyRefresh === undefined ? {} : { earlyRefresh }),
    ...(softTimeoutMs === undefined ? {} : { softTimeoutMs }),
  };
}

/** The statements of one load, each with a snapshot of its own (read committed). */
export function loadSteps(
  world: World,
  key: KeyPlan,
): { steps: (() => unknown)[]; finish: (wallMs: number) => Loaded } {
  const { database, random, plan } = world;
  const shown = new Map<number, number>();
  const show = (facts: readonly number[]): void => {
    const tokens = database.read(facts);
    facts.forEach((fact, i) => shown.set(fact, tokens[i]!));
  };
  const [first, ...others] = key.facts as [number, ...number[]];
  let found: number[] = [];
  const steps =
    key.kind === 'list'
      ? [
          () => show([first]),
          () => {
            const listed = shown.get(first)!;
            found = others.filter((fact) => (listed + fact) % 2 === 0);
            show(found);
          },
        ]
      : key.facts.map((fact) => () => show([fact]));
  const finish = (wallMs: number): Loaded => {
    const { capped, uncacheable } = plan.freshness;
    return {
      value: shown,
      ...(key.kind === 'list' ? { tags: found.map(factTag) } : {}),
      ...(random.chance(capped) ? { validUntil: wallMs + random.between(-50, 1000) } : {}),
      ...(shown.get(first)! % 5 === 0 ? { negative: true } : {}),
      ...(random.chance(uncacheable) ? { cacheable: false } : {}),
    };
  };
  // Time passes before the first statement and after the last one, too.
  const nothing = (): void => {};
  return { steps: [nothing, ...steps, nothing], finish };
}
