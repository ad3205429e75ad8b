// React as the ES modules that a preview's import map names, made from the installed packages. They
// are CommonJS, so each is bundled into one module (React itself shared by all) and the names it
// exports are listed, since a browser cannot find them by itself.

import { createRequire } from 'node:module';
import { build, type PluginBuild } from 'esbuild';

const require = createRequire(import.meta.url);

/** By module name; the text of each. */
export async function reactModules(): Promise<Map<string, string>> {
  const names = ['react', 'react/jsx-runtime', 'react-dom/client'];
  const modules = await Promise.all(
    names.map(async (name) => [name, await bundled(name)] as const),
  );
  return new Map(modules);
}

async function bundled(name: string): Promise<string> {
  const exported = Object.keys(require(name) as object).filter((key) => /^[A-Za-z]\w*$/.test(key));
  const contents = [
    `import module from '${name}';`,
    'export default module;',
    `export const { ${exported.join(', ')} } = module;`,
  ].join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    define: { 'process.env.NODE_ENV': '"development"' },
    ...(name === 'react' ? {} : { plugins: [sharedReact] }),
  });
  return outputFiles[0]?.text ?? '';
}

// `require('react')` in a bundled module becomes an import, or there would be several Reacts.
const sharedReact = {
  name: 'shared-react',
  setup(building: PluginBuild) {
    building.onResolve({ filter: /^react$/ }, ({ kind }) =>
      kind === 'require-call' ? { path: 'react', namespace: 'shared' } : undefined,
    );
    building.onLoad({ filter: /.*/, namespace: 'shared' }, () => ({
      contents: "import react from 'react-shared'; module.exports = react;",
    }));
    building.onResolve({ filter: /^react-shared$/ }, () => ({ path: 'react', external: true }));
  },
};
