/**
 * `npm start`: builds what is not built and runs the server, as production unless
 * NODE_ENV says otherwise. The server stops itself on SIGINT and SIGTERM.
 */
import { runCommand } from './cli.ts';

await runCommand({
  name: 'start',
  summary:
    'Runs Greenroom: starts or joins the embedded PostgreSQL (or uses DATABASE_URL), migrates, ' +
    'seeds the demo on a first start, and serves the API. Settings: .env.example.',
  options: {},
  handlesSignals: true,
  async run() {
    // Libraries look here themselves.
    process.env['NODE_ENV'] ||= 'production';
    // Imported only now: --help must not load a server.
    const { main } = await import('../src/server/main.ts');
    await main().catch((error: unknown) => {
      throw portTaken(error) ?? error;
    });
  },
});

/** The usual trouble at a start, said so that one knows what to do. */
function portTaken(error: unknown): Error | undefined {
  const { code, port } = error as { code?: string; port?: number };
  if (code !== 'EADDRINUSE') return undefined;
  return new Error(`port ${port} is taken: end the program that listens there, or set PORT`);
}
