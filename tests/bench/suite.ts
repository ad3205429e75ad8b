/**
 * What a benchmark is to the command: it runs, says how far it is, and gives back rows for programs
 * and text for people.
 */
export interface SuiteContext {
  /** Progress, for a person who waits. */
  say(line: string): void;
  /** Of the tests that are repeated; undefined: the suite's own choice. */
  readonly tries: number | undefined;
  /** Why the peers are missing; undefined when they are installed. */
  readonly peersMissing: string | undefined;
}

export interface Row {
  readonly name: string;
  /** To the floor; for what is counted and not timed, the count itself. */
  readonly ratio: number | null;
  /** As a share of the ratio. */
  readonly spread: number;
  /** What `ratio` is of. */
  readonly floor: string;
  readonly [more: string]: unknown;
}

export interface SuiteResult {
  readonly rows: readonly Row[];
  /** What is to be known beside the figures. */
  readonly notes: readonly string[];
  readonly table: Table;
}

export interface Table {
  readonly head: readonly string[];
  readonly lines: readonly (readonly string[])[];
}

export interface Suite {
  readonly name: string;
  readonly what: string;
  run(context: SuiteContext): Promise<SuiteResult>;
}
