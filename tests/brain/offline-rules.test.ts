/** The offline provider decides what people's words ask for, and nothing where it does not know. */
import { describe, expect, it } from 'vitest';
import { createOfflineBrain } from '../../src/services/brain/index.ts';
import { contextOf } from './seeded.ts';
import { LABELLED, NOT_UNDERSTOOD } from './prompts.ts';

const brain = createOfflineBrain();
const decide = (project: 'aurora' | 'night', prompt: string) =>
  brain.decide(prompt, contextOf(project), new AbortController().signal);

describe('offline rules', () => {
  it('have a table of at least 60 prompts, each once', () => {
    expect(new Set(LABELLED.map(([, prompt]) => prompt)).size).toBe(LABELLED.length);
    expect(LABELLED.length).toBeGreaterThanOrEqual(60);
  });

  it.each(LABELLED)('%s: %s', async (project, prompt, action) => {
    const { intent, tokens } = await decide(project, prompt);
    expect(intent.action).toEqual(action);
    expect(tokens).toBe(0);
  });

  it.each(NOT_UNDERSTOOD)('do not take for a wish: %s', async (prompt) => {
    const { intent } = await decide('night', prompt);
    expect(intent).toMatchObject({ action: { operation: 'answer', about: 'text' } });
    expect(intent.confidence).toBeLessThan(0.5);
  });

  it('decide soon on long and crafted prompts, which take a careless expression for ever', async () => {
    const crafted = [
      'make '.repeat(99),
      `add a ${'very '.repeat(95)}scene`,
      `change the ${'of in on for '.repeat(36)}to x`,
      'x'.repeat(100_000),
    ];
    const began = performance.now();
    for (const prompt of crafted) await decide('night', prompt);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
