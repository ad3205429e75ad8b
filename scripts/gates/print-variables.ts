/** Prints, as JSON, the names of the settings that the tree named by the first argument declares. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as variablesModule from '../../src/config/variables.ts';

const [root = '.'] = process.argv.slice(2);
const file = pathToFileURL(join(root, 'src/config/variables.ts')).href;
const { variableNames } = (await import(file)) as typeof variablesModule;
console.log(JSON.stringify(variableNames));
