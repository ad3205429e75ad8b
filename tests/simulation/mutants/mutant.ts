/**
 * A mutant is a patch of the source: one fence taken away, or one published bug put in. Production
 * code has no switches for this; patches are applied to a copy (patched-copy.ts). A patch whose
 * `find` no longer occurs exactly once is an error: the fence has moved, and its mutant must follow.
 */

export interface Edit {
  /** Below src/cache/coherence or, for what SQL or the caller must do, below tests/simulation. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  readonly name: string;
  /** What goes wrong. */
  readonly why: string;
  /** Where this bug was published, if it was. */
  readonly published?: string;
  readonly edits: readonly Edit[];
}

const MACHINE = 'src/cache/coherence';
const WORLD = 'tests/simulation';

/** An edit of the machine. */
export const machine = (file: string, find: string, replace: string): Edit => ({
  file: `${MACHINE}/${file}`,
  find,
  replace,
});

/** An edit of the simulated world: of what the database or the application has to do. */
export const world = (file: string, find: string, replace: string): Edit => ({
  file: `${WORLD}/${file}`,
  find,
  replace,
});
