/**
 * What an answer over HTTP says about the cache. The official adapter writes `{ result: { data } }`
 * and nothing more, so the marks that cached procedures leave while they run (by the call's place
 * in its batch, since a batch may hold one path twice) are added to the JSON afterwards:
 *   { "result": { "data": …, "cache": { "storedAt", "validUntil", "deps" } } }
 * A single call also has `Cache-Status` (RFC 9211) and `Age`. Pure text in, text out.
 */
import { SECOND } from '../config/duration.ts';
import type { CacheMark } from '../procedures/index.ts';
import { digestOf } from './validators.ts';

/** Marks by the call's index in its batch; 0 for a single call. */
export type CacheMarks = ReadonlyMap<number, CacheMark>;

const SINGLE_START = '{"result":{"data":';
const SINGLE_END = '}}';

/** @param batch  whether the body is an array of answers, one for each call */
export function withCacheFields(body: string, marks: CacheMarks, batch: boolean): string {
  if (marks.size === 0) return body;
  if (batch) return batchWithCacheFields(body, marks);
  const mark = marks.get(0);
  return mark ? singleWithCacheField(body, mark).body : body;
}

/** An answer's body, and what its validator is made of. */
export interface TaggedBody {
  readonly body: string;
  readonly tag: string;
}

export function singleWithCacheField(body: string, mark: CacheMark): TaggedBody {
  if (!body.startsWith(SINGLE_START) || !body.endsWith(SINGLE_END)) {
    return { body, tag: digestOf(body) };
  }
  // The value is not parsed again: the field goes before the last two braces.
  const data = body.slice(SINGLE_START.length, -SINGLE_END.length);
  const field = cacheField(mark);
  return { body: singleAnswer(data, field), tag: tagOfAnswer(digestOf(data), field) };
}

/** @param data  its JSON; and that of the field: both as text, or both with a character for each byte */
export function singleAnswer(data: string, field: string): string {
  return `${SINGLE_START}${data},"cache":${field}${SINGLE_END}`;
}

/**
 * Of all that a single answer says. The value goes in by its digest, which the shared store has beside
 * it: to hash a value of 4 KB anew for each answer takes as long as the rest of a hit.
 * @param digest  of the value's JSON
 */
export function tagOfAnswer(digest: string, field: string): string {
  return digestOf(`${digest} ${field}`);
}

function batchWithCacheFields(body: string, marks: CacheMarks): string {
  const answers: unknown = JSON.parse(body);
  if (!Array.isArray(answers)) return body;
  for (const [index, mark] of marks) {
    const answer = answers[index] as { result?: { cache?: unknown } } | undefined;
    if (answer?.result) answer.result.cache = fieldOf(mark);
  }
  return JSON.stringify(answers);
}

/** As JSON. */
export function cacheField(mark: CacheMark): string {
  return JSON.stringify(fieldOf(mark));
}

function fieldOf({ storedAt, validUntil, deps }: CacheMark) {
  return { storedAt, validUntil, deps };
}

/** `greenroom; hit; ttl=1234; detail=l1`. The ttl is in seconds, below zero once it is over. */
export function cacheStatus(mark: CacheMark, now: number): string {
  const state = mark.outcome === 'hit' ? 'hit' : `fwd=${mark.outcome}`;
  return `greenroom; ${state}; ttl=${ttlOf(mark, now)}; detail=${mark.tier}`;
}

/** Seconds. */
export function ttlOf({ validUntil }: CacheMark, now: number): number {
  return Math.round((validUntil - now) / SECOND);
}

/** Seconds. */
export function ageOf({ storedAt }: CacheMark, now: number): number {
  return Math.max(0, Math.floor((now - storedAt) / SECOND));
}
