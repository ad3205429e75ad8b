import { expect, it } from 'vitest';
import { valuesOf } from '../../src/services/brain/scene-values.ts';

it('offers no default that could not be stored as a prop', () => {
  const tsxCode =
    'export default function Scene({\n  speed = 2,\n  constructor = 3,\n}) {\n  return null;\n}';
  expect([...valuesOf({ tsxCode, props: {} }).keys()]).toEqual(['speed']);
});
