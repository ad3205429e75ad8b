/**
 * What the races ask of a cache: read a project through it with the loader that is given, write one
 * and return when its documentation calls the write done, and carry values between two instances.
 */
import type { Loading, Project } from './loading.ts';
import type { World } from './world.ts';

/** One process's part: it has connections and (if the cache has one) a memory of its own. */
export interface Instance {
  read(key: string): Promise<Project | undefined>;
  /** Commits the project's new name, and does what is to be done after that. */
  write(key: string, name: string): Promise<void>;
  /** A value of many types, through the cache; undefined if it caches rows of a database only. */
  readonly readKinds: ((key: string, load: () => Promise<unknown>) => Promise<unknown>) | undefined;
  /** Rejects while it is not connected to all that it uses. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly loading: Loading;
  /** How far its clock is behind everybody else's. */
  readonly clockBehindMs: number;
}

export interface Contender {
  readonly name: string;
  /** What all its instances share. */
  readonly world: World;
  open(options: OpenOptions): Promise<Instance>;
}

/** Far longer than any race: what is stale then stays stale until it expires. */
export const TTL_MS = 10 * 60_000;
