/**
 * Before and after `npm pack`, which calls it (`prepack`, `postpack`): package.json is the package's
 * (packed-manifest.ts) while the tarball is made, and then the studio's again. npm takes it from nowhere
 * else. What a pack that was interrupted left behind is put right by the next one.
 */
import { copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import { runCommand, projectFolder } from './cli.ts';
import { packedManifest, type Manifest } from './packed-manifest.ts';

const manifest = `${projectFolder}package.json`;
/** Not packed: npm leaves it out by name. */
const studios = `${projectFolder}package.json.orig`;

await runCommand({
  name: 'pack-manifest',
  summary: 'Writes the manifest of the package that other apps install. For npm pack.',
  options: { restore: { type: 'boolean', description: 'puts the one of the studio back' } },
  async run({ restore }) {
    if (restore) {
      await rename(studios, manifest);
      return;
    }
    await rename(studios, manifest).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await copyFile(manifest, studios);
    const packed = packedManifest(JSON.parse(await readFile(manifest, 'utf8')) as Manifest);
    await writeFile(manifest, `${JSON.stringify(packed, null, 2)}\n`);
  },
});
