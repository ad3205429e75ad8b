/**
 * The embedded server over its life: made, joined, left, killed, healed.
 */
import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import postgres from 'postgres';
import { describe, expect, it, vi } from 'vitest';
import { EmbeddedError, startEmbedded } from '../../src/db/embedded.ts';
import { findBinaries } from '../../src/db/embedded/binaries.ts';
import { isAlive } from '../../src/db/embedded/process-identity.ts';
import { leastMs } from '../fixtures/least-ms.ts';
import { FAST, postmasterPid, startProcess } from './embedded-process.ts';
import { temporaryFolder } from './folder.ts';

async function query<T extends object>(url: string, text: string): Promise<T[]> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await sql.unsafe<T[]>(text);
  } finally {
    await sql.end();
  }
}

/** The server has 3.2 s of the four that a supervisor may count on; the rest is for a busy machine. */
const STOP_MS_MAX = 8_000;
/** Waits for what other processes do on their own. */
const eventually = { timeout: 30_000, interval: 50 };

async function startHere(folder: string) {
  const lines: string[] = [];
  const server = await startEmbedded({
    dataDir: folder,
    log: (line) => lines.push(line),
    settings: FAST,
  });
  return { ...server, lines, [Symbol.asyncDispose]: () => server.stop() };
}

describe('a first start', () => {
  it('makes a UTF-8 database in UTC that only this machine reaches, with a role that is no superuser', async () => {
    await using folder = await temporaryFolder();
    await using server = await startHere(folder.path);
    expect(server.owned).toBe(true);
    const [settings] = await query<Record<string, string>>(
      server.url,
      `select current_setting('server_encoding') as encoding, current_setting('TimeZone') as zone,
              current_setting('listen_addresses') as addresses, current_setting('max_connections') as connections,
              current_setting('unix_socket_directories') as sockets, current_setting('is_superuser') as superuser,
              lower('É') as lower, current_database() as database`,
    );
    expect(settings).toEqual({
      encoding: 'UTF8',
      zone: 'UTC',
      addresses: '127.0.0.1',
      connections: '100',
      sockets: '',
      superuser: 'off',
      lower: 'é',
      database: 'greenroom',
    });
    const password = path.join(folder.path, 'postgres-password');
    expect((await stat(password)).mode & 0o777).toBe(0o600);
    expect(await readFile(path.join(folder.path, 'postgres.log'), 'utf8')).toContain('ready');
  });

  it('refuses a wrong password', async () => {
    await using folder = await temporaryFolder();
    await using server = await startHere(folder.path);
    const wrong = server.url.replace(/:[^:@]+@/, ':wrong@');
    await expect(query(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('throws away what an interrupted one left', async () => {
    await using folder = await temporaryFolder();
    await mkdir(path.join(folder.path, 'postgres.part'), { recursive: true });
    await writeFile(path.join(folder.path, 'postgres.part/PG_VERSION'), '18\n');
    await using server = await startHere(folder.path);
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('a running server', () => {
  it('is joined by other processes and ended by the last to leave, whoever started it', async () => {
    await using folder = await temporaryFolder();
    const starter = await startProcess(folder.path);
    await using joiner = await startProcess(folder.path);
    expect([starter.ready.owned, joiner.ready.owned]).toEqual([true, false]);
    expect(joiner.ready.url).toBe(starter.ready.url);
    const pid = await postmasterPid(folder.path);

    expect(await starter.end('SIGTERM')).toBe(0);
    expect(await query(joiner.ready.url, 'select 1 as one')).toEqual([{ one: 1 }]);

    expect(await joiner.end('SIGTERM')).toBe(0);
    expect(isAlive(pid ?? 0)).toBe(false);
    expect(await postmasterPid(folder.path)).toBeUndefined();
  });

  it('is the same one by another path to its folder', async () => {
    await using folder = await temporaryFolder();
    await mkdir(path.join(folder.path, 'data'));
    await symlink(path.join(folder.path, 'data'), path.join(folder.path, 'link'));
    await using first = await startHere(path.join(folder.path, 'data'));
    await using second = await startHere(path.join(folder.path, 'link'));
    expect(second.owned).toBe(false);
    expect(second.url).toBe(first.url);
  });

  it('has ended soon after SIGTERM, also with a client that stays connected', async () => {
    const ms = await leastMs(STOP_MS_MAX, async () => {
      await using folder = await temporaryFolder();
      await using app = await startProcess(folder.path);
      const pid = await postmasterPid(folder.path);
      const client = postgres(app.ready.url, { max: 1 });
      const sleeping = client`select pg_sleep(60)`.catch((error: unknown) => error);
      await vi.waitFor(async () => {
        const rows = await query(
          app.ready.adminUrl,
          `select from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()`,
        );
        expect(rows).not.toHaveLength(0);
      }, eventually);

      const begun = performance.now();
      await app.end('SIGTERM');
      const took = performance.now() - begun;
      expect(isAlive(pid ?? 0)).toBe(false);
      expect(await sleeping).toBeInstanceOf(Error);
      await client.end({ timeout: 0 });
      return took;
    });
    expect(ms).toBeLessThan(STOP_MS_MAX);
  });

  it('keeps its data from one start to the next', async () => {
    await using folder = await temporaryFolder();
    const first = await startHere(folder.path);
    await query(first.url, 'create table kept as select 7 as seven');
    await first.stop();
    await using second = await startHere(folder.path);
    expect(second.owned).toBe(true);
    expect(await query(second.url, 'select * from kept')).toEqual([{ seven: 7 }]);
  });

  it('may be left twice by the same user, who counts once', async () => {
    await using folder = await temporaryFolder();
    const first = await startHere(folder.path);
    await using second = await startHere(folder.path);
    await Promise.all([first.stop(), first.stop()]);
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('processes that start at the same moment', () => {
  it('end up on one server that one of them started', async () => {
    await using folder = await temporaryFolder();
    const apps = await Promise.all(Array.from({ length: 4 }, () => startProcess(folder.path)));
    expect(apps.filter(({ ready }) => ready.owned)).toHaveLength(1);
    expect(new Set(apps.map(({ ready }) => ready.url)).size).toBe(1);
    const pid = await postmasterPid(folder.path);
    const codes = await Promise.all(apps.map((app) => app.end('SIGTERM')));
    expect(codes).toEqual([0, 0, 0, 0]);
    // By the last to leave, or, if that one did not get its turn at once, by the guard.
    await vi.waitFor(() => expect(isAlive(pid ?? 0)).toBe(false), eventually);
  });
});

describe('after kill -9', () => {
  it('of the app alone, the next start joins the server and ends it later', async () => {
    await using folder = await temporaryFolder();
    const killed = await startProcess(folder.path);
    // Whoever comes within a second finds the server; on a busy machine a process takes longer.
    const guard = Number(await readFile(path.join(folder.path, 'guard.pid'), 'utf8'));
    process.kill(guard, 'SIGSTOP');
    await killed.end('SIGKILL');
    const next = await startProcess(folder.path);
    process.kill(guard, 'SIGCONT');
    expect(next.ready.owned).toBe(false);
    const pid = await postmasterPid(folder.path);
    await next.end('SIGTERM');
    expect(isAlive(pid ?? 0)).toBe(false);
  });

  it('of the app alone, a server that nobody takes over ends by itself', async () => {
    await using folder = await temporaryFolder();
    const killed = await startProcess(folder.path);
    const pid = (await postmasterPid(folder.path)) ?? 0;
    await killed.end('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), eventually);
  });

  it('of app and server, the next start replays what was committed', async () => {
    await using folder = await temporaryFolder();
    const killed = await startProcess(folder.path, { durable: true });
    await query(killed.ready.url, 'create table kept as select 7 as seven');
    process.kill((await postmasterPid(folder.path)) ?? 0, 'SIGKILL');
    await killed.end('SIGKILL');
    await using next = await startProcess(folder.path);
    expect(next.ready.owned).toBe(true);
    expect(await query(next.ready.url, 'select * from kept')).toEqual([{ seven: 7 }]);

    // And the new server is guarded like the first.
    const pid = (await postmasterPid(folder.path)) ?? 0;
    await next.end('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), eventually);
  });

  it("and the dead server's number belonging to another program, the next start heals", async () => {
    await using folder = await temporaryFolder();
    await (await startHere(folder.path)).stop();
    await writeFile(
      path.join(folder.path, 'postgres/postmaster.pid'),
      [
        process.pid,
        path.join(folder.path, 'postgres'),
        '0',
        '5432',
        '',
        '127.0.0.1',
        '',
        'ready',
      ].join('\n'),
    );
    await using server = await startHere(folder.path);
    expect(server.owned).toBe(true);
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('a start that cannot succeed', () => {
  it('on a platform without a binary names DATABASE_URL', async () => {
    const error = await findBinaries('plan9-mips').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EmbeddedError);
    expect(error).toMatchObject({ code: 'UNSUPPORTED' });
    expect((error as Error).message).toMatch(/^[^\n]*plan9-mips[^\n]*DATABASE_URL[^\n]*$/);
  });

  it('without the password of existing data says which file is missing and keeps the data', async () => {
    await using folder = await temporaryFolder();
    await (await startHere(folder.path)).stop();
    await rm(path.join(folder.path, 'postgres-password'));
    await expect(startHere(folder.path)).rejects.toMatchObject({
      code: 'NOT_ACCESSIBLE',
      message: expect.stringContaining('postgres-password'),
    });
    await stat(path.join(folder.path, 'postgres/PG_VERSION'));
  });

  it('does not remove files that happen to be where its data would go', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'postgres/thesis.txt');
    await mkdir(path.dirname(file));
    await writeFile(file, 'years of work');
    await expect(startHere(folder.path)).rejects.toMatchObject({ code: 'NOT_ACCESSIBLE' });
    expect(await readFile(file, 'utf8')).toBe('years of work');
  });

  it("quotes the server's own words", async () => {
    await using folder = await temporaryFolder();
    const starting = startEmbedded({
      dataDir: folder.path,
      log: () => undefined,
      settings: { shared_buffers: 'plenty' },
    });
    await expect(starting).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('shared_buffers'),
    });
  });
});
