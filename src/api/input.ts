/** Input schemas that several routers share, with their bounds. */
import { z } from 'zod';

/** A procedure without input. */
export const noInput = z.void();

/** As PostgreSQL writes it, so that ids can be compared; callers may write them otherwise. */
export const id = z.uuid().toLowerCase();
export const projectInput = z.object({ projectId: id });
export const sceneInput = z.object({ projectId: id, sceneId: id });

/** Names that people give things. */
export const title = z.string().trim().min(1).max(200);

/** Free strings that classify (`type`): 1 to 64 characters. */
export const label = z.string().trim().min(1).max(64);

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

/** A patch as the database wants it: what was not given is not there. */
export function withoutUndefined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
}
