/** Prints, as JSON, the triggers that the declarations of the tree named by the first argument give. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as schemaModule from '../../src/db/schema/index.ts';
import type * as triggersModule from '../../src/db/triggers.ts';

const [root = '.'] = process.argv.slice(2);
const load = (file: string): Promise<unknown> => import(pathToFileURL(join(root, file)).href);
const { tagRegistry } = (await load('src/db/schema/index.ts')) as typeof schemaModule;
const { generateTriggers } = (await load('src/db/triggers.ts')) as typeof triggersModule;
console.log(JSON.stringify(tagRegistry.tables.map(generateTriggers)));
