/**
 * The app of docs/guide.md, made from the page: its files, the package as `npm pack` makes it, and
 * everything else linked from the project, so that no registry is asked.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cp,
  glob,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.join(import.meta.dirname, '../..');
const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
const run = promisify(execFile);

export interface Ran {
  readonly code: number;
  /** What was printed, to either side. */
  readonly text: string;
}

export interface Started extends AsyncDisposable {
  /** The first thing that it printed. */
  readonly said: string;
}

export interface Sample extends AsyncDisposable {
  /** Of the commands: what they print. @throws when they fail */
  shell(commands: string): Promise<string>;
  typecheck(): Promise<Ran>;
  /** A program that ends with its standard input. */
  start(file: string): Promise<Started>;
  write(file: string, text: string): Promise<void>;
  /** The package's compiled files by their path in it, with their text. */
  packed(): Promise<ReadonlyMap<string, string>>;
}

const guide = await readFile(path.join(root, 'docs/guide.md'), 'utf8');

/** The page's blocks of a language. */
export function blocksOf(language: string): string[] {
  const blocks = guide.matchAll(/^```(\w+)\n([^]*?)^```$/gm);
  return [...blocks].flatMap(([, name, text]) => (name === language ? [text ?? ''] : []));
}

const DRIZZLE_CONFIG = `import { defineConfig } from 'drizzle-kit';
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/schema.ts',
  out: './drizzle',
  dbCredentials: { url: process.env.DATABASE_URL },
});
`;

const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable', 'dom'],
    module: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    allowImportingTsExtensions: true,
    types: ['node'],
    // Drizzle's own declarations do not pass.
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['src'],
};

export async function createSample(databaseUrl: string): Promise<Sample> {
  const folder = await mkdtemp(path.join(tmpdir(), 'greenroom-sample-'));
  const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: databaseUrl, NO_COLOR: '1' };
  await Promise.all([installPackage(folder), linkDependencies(folder), writeFiles(folder)]);

  return {
    write: (file, text) => writeFile(path.join(folder, file), text),
    async packed() {
      const at = path.join(folder, 'node_modules/greenroom');
      const names: string[] = [];
      for await (const name of glob('dist/**/*.{js,ts}', { cwd: at })) names.push(name);
      const read = async (name: string) =>
        [name, await readFile(path.join(at, name), 'utf8')] as const;
      return new Map(await Promise.all(names.map(read)));
    },
    async shell(commands) {
      const { stdout } = await run('sh', ['-euc', commands], { cwd: folder, env });
      return stdout;
    },
    async typecheck() {
      try {
        const { stdout } = await run(process.execPath, [tsc, '-p', '.'], { cwd: folder, env });
        return { code: 0, text: stdout };
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { code, text: stdout + stderr };
      }
    },
    async start(file) {
      const child = spawn(process.execPath, [file], {
        cwd: folder,
        env,
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const ended = once(child, 'exit');
      const said: unknown[] = await Promise.race([once(child.stdout, 'data'), ended]);
      return {
        said: String(said[0]),
        async [Symbol.asyncDispose]() {
          child.stdin.end();
          await ended;
        },
      };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function writeFiles(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'src'));
  const files = blocksOf('ts').map((text) => {
    const name = /^\/\/ (\S+)\n/.exec(text)?.[1];
    if (!name) throw new Error(`a block of the guide does not begin with its file's name: ${text}`);
    return [name, text] as const;
  });
  const given = [
    ['package.json', JSON.stringify({ name: 'notes', type: 'module' })],
    ['tsconfig.json', JSON.stringify(TSCONFIG)],
    ['drizzle.config.ts', DRIZZLE_CONFIG],
  ] as const;
  for (const [name, text] of [...files, ...given]) await writeFile(path.join(folder, name), text);
}

/** What a package is made of beside what is compiled. */
const SOURCES = ['package.json', 'README.md', 'LICENSE', 'docs'];

/**
 * As npm would unpack it. Built beside `dist`, which a server under test may be running from; npm's
 * scripts are left out, which prepare this project and not the package.
 */
async function installPackage(folder: string): Promise<void> {
  const built = path.join(folder, 'built');
  const target = path.join(folder, 'node_modules/greenroom');
  await mkdir(target, { recursive: true });
  for (const name of SOURCES) {
    await cp(path.join(root, name), path.join(built, name), { recursive: true });
  }
  const outDir = path.join(built, 'dist');
  await run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir], {
    cwd: root,
  });
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--silent'], { cwd: built });
  const tarball = path.join(built, stdout.trim());
  await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
}

/** Each by itself, since `greenroom` is to be a real folder beside them. */
async function linkDependencies(folder: string): Promise<void> {
  const from = path.join(root, 'node_modules');
  const to = path.join(folder, 'node_modules');
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) await symlink(path.join(from, name), path.join(to, name));
}
