/**
 * The app of docs/guide.md, made from the page: its files, and the package as `npm pack` makes it,
 * installed by npm with what it asks for and no more. Tools are linked from the project.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cp,
  glob,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { packedManifest, type Manifest } from '../../scripts/packed-manifest.ts';
import { startLocalRegistry } from './local-registry.ts';

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
  read(file: string): Promise<string>;
  /** Packages that npm took from the registry. */
  readonly installed: ReadonlySet<string>;
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
  await writeFiles(folder);
  const installed = await installPackages(folder);
  await linkTools(folder);

  return {
    installed,
    write: (file, text) => writeFile(path.join(folder, file), text),
    read: (file) => readFile(path.join(folder, file), 'utf8'),
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
const SOURCES = ['README.md', 'LICENSE', 'docs'];

/**
 * As `npm pack` here would make it. Built beside `dist`, which a server under test may be running
 * from; npm's scripts are left out, which prepare this project, and for a moment its manifest.
 */
async function packPackage(folder: string): Promise<string> {
  await mkdir(folder);
  for (const name of SOURCES) {
    await cp(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  const manifest = await readFile(path.join(root, 'package.json'), 'utf8');
  const packed = packedManifest(JSON.parse(manifest) as Manifest);
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(packed));
  const outDir = path.join(folder, 'dist');
  await run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir], {
    cwd: root,
  });
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--silent'], { cwd: folder });
  return path.join(folder, stdout.trim());
}

/** By the guide's own command. @returns what npm took, beside the package */
async function installPackages(folder: string): Promise<ReadonlySet<string>> {
  const tarball = await packPackage(path.join(folder, 'packing'));
  await rename(tarball, path.join(folder, path.basename(tarball)));
  const command = /^npm install .*$/m.exec(guide)?.[0];
  if (!command) throw new Error('the guide does not say how to install the package');
  await using registry = await startLocalRegistry(path.join(root, 'node_modules'));
  const where = `--registry=${registry.url} --cache=${path.join(folder, 'npm-cache')}`;
  await run('sh', ['-euc', `${command} ${where} --no-audit --no-fund`], { cwd: folder });
  return registry.taken;
}

/** What an app has for its development. */
async function linkTools(folder: string): Promise<void> {
  for (const name of ['drizzle-kit', '@types', '.bin/drizzle-kit']) {
    const to = path.join(folder, 'node_modules', name);
    await mkdir(path.dirname(to), { recursive: true });
    await symlink(path.join(root, 'node_modules', name), to);
  }
}
