/**
 * What a URL asks for, as far as the wire path can answer it: one cached query, or a batch of them,
 * with inputs that can be read. Everything else is undefined here, and the official adapter's to
 * answer, errors included. Reading a URL runs nothing of the application.
 *
 * Plans are remembered by URL, within bounds.
 */
import type { AnyRouter } from '@trpc/server';
import { atOnceOf, type AtOnce } from '../../procedures/index.ts';
import { RecentMap } from '../recent-map.ts';
import type { WireProcedure } from './run-procedure.ts';

export interface WireCall {
  readonly path: string;
  readonly procedure: WireProcedure;
  /** Answers it from memory, where that is all it takes; undefined for one that has to be run. */
  readonly atOnce: AtOnce | undefined;
  /** Its place in the batch. */
  readonly index: number;
  /** The deserialised input; shared between requests only where it is frozen. */
  readonly input: () => unknown;
}

export interface Plan {
  readonly batch: boolean;
  readonly calls: readonly WireCall[];
}

export interface PlanOptions {
  readonly router: AnyRouter;
  /** Such as `/trpc/`. */
  readonly prefix: string;
  /** Larger batches are refused, by the official adapter; 0: all of them. */
  readonly batchSizeMax: number;
  /** The query at a path, if it may be answered here. */
  readonly procedureAt: (path: string) => WireProcedure | undefined;
}

/** Of one generation: some 10 MB. */
const PLANS_MAX = 10_000;
/** Longer URLs, which rarely come again, are read each time. */
const URL_LENGTH_MAX = 2_048;
/** What needs no decoding, in which routers, proxies and tRPC might differ. */
const PLAIN_PATHS = /^[\w.,-]+$/;

export function createPlans(options: PlanOptions): (url: string) => Plan | undefined {
  const plans = new RecentMap<string, Plan>(PLANS_MAX);
  return (url) => {
    const known = plans.get(url);
    if (known) return known;
    if (!url.startsWith(options.prefix)) return undefined;
    const plan = readPlan(url, options);
    if (plan && url.length <= URL_LENGTH_MAX) plans.set(url, plan);
    return plan;
  };
}

function readPlan(url: string, options: PlanOptions): Plan | undefined {
  const mark = url.indexOf('?');
  const paths = url.slice(options.prefix.length, mark < 0 ? undefined : mark);
  const query = mark < 0 ? {} : readQuery(url.slice(mark + 1));
  if (!query || !PLAIN_PATHS.test(paths)) return undefined;
  const batch = query.batch === '1';
  const names = batch ? paths.split(',') : [paths];
  if (batch && names.length > options.batchSizeMax) return undefined;
  const procedures = names.map(options.procedureAt);
  if (procedures.includes(undefined)) return undefined;
  const inputs = readInputs(query.input, { batch, count: names.length, router: options.router });
  if (!inputs) return undefined;
  return {
    batch,
    calls: names.map((path, index) => ({
      path,
      index,
      procedure: procedures[index]!,
      atOnce: atOnceOf(procedures[index]!),
      input: inputs[index]!,
    })),
  };
}

interface Query {
  batch?: string;
  input?: string;
}

/** Undefined for anything but `batch=1` and `input=…`, once each. */
function readQuery(text: string): Query | undefined {
  const query: Query = {};
  for (const pair of text.split('&')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals);
    if ((name !== 'batch' && name !== 'input') || query[name] !== undefined) return undefined;
    const value = decoded(pair.slice(equals + 1));
    if (value === undefined) return undefined;
    query[name] = value;
  }
  return query.batch === undefined || query.batch === '1' ? query : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

interface InputOptions {
  readonly batch: boolean;
  readonly count: number;
  readonly router: AnyRouter;
}

/** One for each call; undefined if tRPC would refuse them. */
function readInputs(text: string | undefined, options: InputOptions) {
  const { batch, count, router } = options;
  const none = () => undefined;
  if (!text) return Array.from({ length: count }, () => none);
  try {
    const parsed: unknown = JSON.parse(text);
    if (!batch) return [inputOf(parsed, router)];
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    const byIndex = parsed as Record<number, unknown>;
    return Array.from({ length: count }, (_, index) =>
      byIndex[index] === undefined ? none : inputOf(byIndex[index], router),
    );
  } catch {
    return undefined;
  }
}

/** Throws what the transformer throws. */
function inputOf(serialized: unknown, router: AnyRouter): () => unknown {
  const { input: transformer } = router._def._config.transformer;
  const text = JSON.stringify(serialized);
  const value: unknown = transformer.deserialize(serialized);
  if (isPlain(value)) {
    freeze(value);
    return () => value;
  }
  // Dates, maps and the like can't be frozen: each request gets its own.
  return () => transformer.deserialize(JSON.parse(text)) as unknown;
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.values(value).every(isPlain);
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.values(value).forEach(freeze);
  Object.freeze(value);
}
