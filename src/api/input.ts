/** Input schemas that several routers share, with their bounds. */
import { z } from 'zod';
import { wellFormed, whyUnstorable } from '../db/storable.ts';

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

/** What a row's version, or the place of a row, can be: an integer of PostgreSQL. */
const INTEGER_MAX = 2 ** 31 - 1;
export const version = z.int().min(1).max(INTEGER_MAX);
export const position = z.int().min(0).max(INTEGER_MAX);

/** A time that PostgreSQL can have, too. */
export const time = z.date().min(new Date(0)).max(new Date('9999-12-31T23:59:59.999Z'));

/** What every procedure asks of its input, beside its own schema. */
export function storable<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema
    .superRefine((value, context) => {
      const why = whyUnstorable(value);
      if (why) context.addIssue({ code: 'custom', continue: false, ...why });
    })
    .overwrite(wellFormed);
}

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

/** A patch as the database wants it: what was not given is not there. */
export function withoutUndefined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
}
