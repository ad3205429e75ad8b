/** All benchmarks, in the order in which they run. */
import { growthSuite } from './growth/suite.ts';
import { httpSuite } from './http/suite.ts';
import { inprocessSuite } from './inprocess/suite.ts';
import { l2Suite } from './l2/suite.ts';
import { personalitySuite } from './personality/suite.ts';
import { racesSuite } from './races/suite.ts';
import { referenceSuite } from './reference/suite.ts';
import { reuseSuite } from './reuse/suite.ts';
import type { Suite } from './suite.ts';
import { writesSuite } from './writes/suite.ts';

export const suites: readonly Suite[] = [
  inprocessSuite,
  l2Suite,
  httpSuite,
  growthSuite,
  referenceSuite,
  writesSuite,
  personalitySuite,
  racesSuite,
  reuseSuite,
];
