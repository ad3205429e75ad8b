/** Every gate, the quick ones first. */
import { boundariesGate } from './boundaries.ts';
import { deadCodeGate } from './dead-code.ts';
import { envExampleGate } from './env-example.ts';
import { formatGate } from './format.ts';
import type { Gate } from './gate.ts';
import { lintGate } from './lint.ts';
import { migrationsGate } from './migrations.ts';
import { createTestsGate } from './tests.ts';
import { triggersGate } from './triggers.ts';
import { typesGate } from './types.ts';

export const gates: readonly Gate[] = [
  formatGate,
  lintGate,
  boundariesGate,
  typesGate,
  deadCodeGate,
  migrationsGate,
  triggersGate,
  envExampleGate,
  createTestsGate({ echo: true }),
];
