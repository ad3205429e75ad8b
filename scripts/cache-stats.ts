/** `npm run cache:stats`: what the running server says about its caches (admin.cacheStats). */
import { readConfig } from '../src/config/env.ts';
import { signIn, urlOption } from './admin-client.ts';
import { jsonOption, runCommand } from './cli.ts';
import { formatReport } from './report.ts';

await runCommand({
  name: 'cache:stats',
  summary:
    'Prints hits, misses, latencies and health of the running server, per cache and tier, and which TTLs are too short.',
  options: { url: urlOption, json: jsonOption },
  async run({ url, json }) {
    const client = await signIn(readConfig(), url);
    const stats = await client.admin.cacheStats.query();
    console.log(json ? JSON.stringify(stats) : formatReport(stats));
  },
});
