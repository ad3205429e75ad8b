/**
 * What a prompt asks for, in words of its own: which operation, which scene as it was referred to,
 * and a structured change. Free of ids, of code and of anything that one project alone knows, so
 * that it can be kept and resolved against the scenes that there are when it is answered.
 *
 * Unions are plain, not discriminated: endpoints take JSON Schema with `anyOf`, not `oneOf`; for the
 * same reason an absent field is null.
 */
import { z } from 'zod';

/** Places count from 1; -1 is the last. */
const PLACE_MAX = 500;
const NAME_LENGTH_MAX = 200;
const TYPE_LENGTH_MAX = 64;
/** Of what is written on a scene, and of answers and reasons. */
const TEXT_LENGTH_MAX = 2_000;
const CHANGES_MAX = 8;
export const DURATION_MS_MAX = 60 * 60 * 1_000;

const place = z.int().min(-PLACE_MAX).max(PLACE_MAX);
const name = z.string().trim().min(1).max(NAME_LENGTH_MAX);
const type = z.string().trim().min(1).max(TYPE_LENGTH_MAX);
const text = z.string().max(TEXT_LENGTH_MAX);
const durationMs = z.int().min(1).max(DURATION_MS_MAX);
/** Put into source code, so nothing else can be in it. */
const colour = z.string().regex(/^(#[0-9a-f]{3}|#[0-9a-f]{6}|[a-z]{3,24})$/, 'not a colour');

const target = z.union([
  z.object({ by: z.literal('place'), place }),
  /** By its name, or by its type where only one scene has it. */
  z.object({ by: z.literal('name'), name }),
  z.object({ by: z.literal('all') }),
]);

const change = z.union([
  z.object({ kind: z.literal('rename'), name }),
  z.object({ kind: z.literal('type'), type }),
  z.object({ kind: z.literal('duration'), ms: durationMs }),
  z.object({
    kind: z.literal('longer'),
    /** Negative: shorter. */
    byMs: z.int().min(-DURATION_MS_MAX).max(DURATION_MS_MAX),
  }),
  z.object({ kind: z.literal('stretch'), factor: z.number().min(0.01).max(100) }),
  /** `of` is a word for what gets the colour, e.g. `background`; null: the scene's main colour. */
  z.object({ kind: z.literal('colour'), colour, of: name.nullable() }),
  /** `of` is a word for which text, e.g. `tagline`; null: the scene's main text. */
  z.object({ kind: z.literal('text'), text, of: name.nullable() }),
  z.object({ kind: z.literal('replace'), from: text.min(1), to: text }),
  z.object({ kind: z.literal('number'), of: name, value: z.number() }),
  /** What no other kind can say: the scene's code has to be written anew for it. */
  z.object({ kind: z.literal('code'), wish: text.min(1) }),
]);

const action = z.union([
  z.object({
    operation: z.literal('create'),
    name: name.nullable(),
    type: type.nullable(),
    text: text.nullable(),
    colour: colour.nullable(),
    durationMs: durationMs.nullable(),
  }),
  z.object({
    operation: z.literal('edit'),
    target,
    changes: z.array(change).min(1).max(CHANGES_MAX),
  }),
  z.object({ operation: z.literal('delete'), target }),
  z.object({
    operation: z.literal('reorder'),
    target,
    to: z.union([
      z.object({ relation: z.literal('place'), place }),
      z.object({ relation: z.enum(['before', 'after', 'swap']), of: target }),
      /** The whole order; the target is all. */
      z.object({ relation: z.literal('reverse') }),
    ]),
  }),
  z.object({
    operation: z.literal('answer'),
    /** Facts are filled in from the scenes that there are; `text` is the answer to anything else. */
    about: z.enum(['sceneCount', 'totalDuration', 'sceneNames', 'text']),
    text: text.nullable(),
  }),
]);

export const intentSchema = z.object({
  action,
  reasoning: text,
  confidence: z.number().min(0).max(1),
});

export type Intent = z.infer<typeof intentSchema>;
export type Action = Intent['action'];
export type Target = z.infer<typeof target>;
export type Change = z.infer<typeof change>;
