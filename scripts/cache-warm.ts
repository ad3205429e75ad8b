/**
 * `npm run cache:warm`: lets the running server load projects into its cache before people
 * ask (admin.warm), one after the other, so that it never competes with their requests.
 */
import { readConfig } from '../src/config/env.ts';
import { signIn, urlOption } from './admin-client.ts';
import { integerOption, jsonOption, runCommand } from './cli.ts';
import { withDatabase } from './database.ts';

const PROJECTS_DEFAULT = 100;
const PROJECTS_MAX = 10_000;

await runCommand({
  name: 'cache:warm',
  summary: 'Warms the cache of the running server with one project or those changed last.',
  options: {
    project: { type: 'string', value: 'ID', description: 'only this project' },
    limit: {
      type: 'string',
      value: 'N',
      description: `this many of the projects changed last (${PROJECTS_DEFAULT})`,
    },
    url: urlOption,
    json: jsonOption,
  },
  async run({ project, limit, url, json }) {
    const count = integerOption('limit', limit, {
      default: PROJECTS_DEFAULT,
      min: 1,
      max: PROJECTS_MAX,
    });
    const client = await signIn(readConfig(), url);
    const ids = project === undefined ? await newestProjects(count) : [project];
    for (const [index, projectId] of ids.entries()) {
      await client.admin.warm.mutate({ projectId });
      if (!json) console.error(`${index + 1} of ${ids.length} projects`);
    }
    if (json) console.log(JSON.stringify({ warmed: ids.length }));
    else console.log(`${ids.length} projects warmed.`);
  },
});

async function newestProjects(count: number): Promise<string[]> {
  return withDatabase(async ({ read }) => {
    const rows = await read<{ id: string }[]>`
      select id from projects order by updated_at desc limit ${count}`;
    return rows.map(({ id }) => id);
  });
}
