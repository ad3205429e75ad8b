/** Runs every race with every contender, and says how each went. */
import type { Contender } from './contender.ts';
import { races, type Outcome, type Race } from './races.ts';
import { openStage } from './tries.ts';

export interface RaceResult {
  readonly contender: string;
  readonly race: Race;
  /** Or why there is none. */
  readonly outcome: Outcome | Error;
}

export interface RunOptions {
  readonly tries: number;
  readonly onResult?: (result: RaceResult) => void;
}

/** A client that never answers would otherwise hold up all the others. */
const RACE_MS_MAX = 60_000;

export async function runRaces(
  contenders: readonly Contender[],
  options: RunOptions,
): Promise<RaceResult[]> {
  const results: RaceResult[] = [];
  for (const race of races) {
    for (const contender of contenders) {
      const outcome = await runRace(race, contender, options.tries);
      const result = { contender: contender.name, race, outcome };
      results.push(result);
      options.onResult?.(result);
    }
  }
  return results;
}

export async function runRace(
  race: Race,
  contender: Contender,
  tries: number,
): Promise<Outcome | Error> {
  const { world } = contender;
  await world.flush();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Error>((resolve) => {
    timer = setTimeout(() => resolve(new Error('did not end in time')), RACE_MS_MAX);
  });
  const run = async (): Promise<Outcome> => {
    const { clockBehindMs = 0 } = race;
    await using stage = await openStage(contender, { tries, clockBehindMs });
    return await race.run(stage);
  };
  try {
    return await Promise.race([run(), tooLate]);
  } catch (error) {
    return error as Error;
  } finally {
    clearTimeout(timer);
    for (const link of world.links) link.mend('reset');
  }
}

export function describeOutcome(outcome: Outcome | Error): string {
  if (outcome instanceof Error) return `failed: ${outcome.message}`;
  switch (outcome.kind) {
    case 'stale': {
      const told = outcome.refused > 0 ? `, ${outcome.refused} refused` : '';
      return `${outcome.stale} / ${outcome.tries}${told}`;
    }
    case 'loads':
      return `${outcome.oneProcess} / ${outcome.twoProcesses}`;
    case 'lost':
      if (outcome.lost === undefined) return 'rows only';
      return outcome.lost.length === 0 ? 'none' : outcome.lost.join(', ');
  }
}
