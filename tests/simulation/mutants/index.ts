/** All mutants, by name. */
import { KNOWING } from './knowing.ts';
import type { Mutant } from './mutant.ts';
import { READING } from './reading.ts';
import { RENEWING } from './renewing.ts';
import { WRITING } from './writing.ts';

export type { Edit, Mutant } from './mutant.ts';

export const MUTANTS: readonly Mutant[] = [...READING, ...KNOWING, ...RENEWING, ...WRITING];

export function findMutant(name: string): Mutant | undefined {
  return MUTANTS.find((mutant) => mutant.name === name);
}
