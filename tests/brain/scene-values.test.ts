import { describe, expect, it } from 'vitest';
import { valuesOf } from '../../src/services/brain/scene-values.ts';

it('offers no default that could not be stored as a prop', () => {
  const tsxCode =
    'export default function Scene({\n  speed = 2,\n  constructor = 3,\n}) {\n  return null;\n}';
  expect([...valuesOf({ tsxCode, props: {} }).keys()]).toEqual(['speed']);
});

describe('hostile source', () => {
  const LENGTH = 256 * 1024;
  const begin = 'export default function';
  const filled = (text: string) => text.repeat(Math.ceil(LENGTH / text.length)).slice(0, LENGTH);

  it.each([
    ['blanks before a name', `${begin}${filled(' ')}x`],
    ['blanks for defaults', `${begin} Scene({${filled('\n')}}) {}`],
    ['components without an end', filled(`${begin}({`)],
    ['lists without an end', `${begin} Scene({\n${filled("a = ['x\n")}}) {}`],
    ['a name without an end', `${begin} Scene({\n${filled('a')} = 1\n}) {}`],
    ['a number without an end', `${begin} Scene({\na = ${filled('1')}x\n}) {}`],
    ['quotes', `${begin} Scene({\na = '${filled("\\'")}\n}) {}`],
  ])('is read in no time: %s', (_what, tsxCode) => {
    const begun = performance.now();
    expect([...valuesOf({ tsxCode, props: {} }).keys()]).toEqual([]);
    // On a machine with other work; without bounds it is minutes.
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
