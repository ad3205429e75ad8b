/** Whom a request is counted against, behind proxies and without. */
import { describe, expect, it } from 'vitest';
import { createAddressOf } from '../../src/server/client-address.ts';
import { startTestServer } from '../fixtures/server.ts';
import { ask, official } from '../wire/both-ways.ts';

const from = (remoteAddress: string, claimed?: string | string[]) => ({
  headers: { 'x-forwarded-for': claimed },
  socket: { remoteAddress },
});

describe('without proxies', () => {
  it('what a caller claims counts for nothing', () => {
    const addressOf = createAddressOf(undefined);
    expect(addressOf(from('10.0.0.1', '1.2.3.4'))).toBe('10.0.0.1');
  });
});

describe('behind named proxies', () => {
  const addressOf = createAddressOf([
    { address: '10.0.0.0', bits: 8 },
    { address: 'fd00::', bits: 8 },
  ]);

  it.each<[what: string, remote: string, claimed: string | string[] | undefined, address: string]>([
    ['the caller that the proxy saw', '10.0.0.1', '1.2.3.4', '1.2.3.4'],
    ['not what that caller claimed before', '10.0.0.1', '9.9.9.9, 1.2.3.4', '1.2.3.4'],
    ['through two proxies', '10.0.0.1', '9.9.9.9, 1.2.3.4, fd00::2', '1.2.3.4'],
    ['in several headers', '10.0.0.1', ['9.9.9.9', '1.2.3.4'], '1.2.3.4'],
    ['by IPv6', 'fd00::1', '2001:db8::1', '2001:db8::1'],
    ['of a proxy that is reached by a mapped address', '::ffff:10.0.0.1', '1.2.3.4', '1.2.3.4'],
    ['with a port', '10.0.0.1', '1.2.3.4:5678', '1.2.3.4'],
    ['with a port by IPv6', '10.0.0.1', '[2001:db8::1]:5678', '2001:db8::1'],
    ['of who goes past the proxy', '8.8.8.8', '1.2.3.4', '8.8.8.8'],
    ['of the proxy itself', '10.0.0.1', undefined, '10.0.0.1'],
    ['of the proxy, for what is no address', '10.0.0.1', '1.2.3.4, unknown', '10.0.0.1'],
    ['of the farthest proxy, where all are', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ])('%s', (_what, remote, claimed, address) => {
    expect(addressOf(from(remote, claimed))).toBe(address);
  });
});

describe('behind so many proxies', () => {
  it('the one before them is the caller', () => {
    const claimed = '9.9.9.9, 1.2.3.4, 5.6.7.8';
    expect(createAddressOf(1)(from('10.0.0.1', claimed))).toBe('5.6.7.8');
    expect(createAddressOf(2)(from('10.0.0.1', claimed))).toBe('1.2.3.4');
    expect(createAddressOf(4)(from('10.0.0.1', claimed))).toBe('9.9.9.9');
  });
});

describe('limits of a server behind a proxy', () => {
  const limits = { RATE_LIMIT_READS_PER_MINUTE: '2', RATE_LIMIT_SIGN_IN_PER_MINUTE: '2' };

  it.each([
    ['are each caller’s own', { ...limits, TRUST_PROXY: '127.0.0.1' }, 401],
    ['are the proxy’s where it is not named', limits, 429],
  ])('%s', async (_what, env, theirs) => {
    await using app = await startTestServer({ env });
    const read = (path: string, address: string) =>
      ask(app.url, { path, headers: { 'x-forwarded-for': address } });
    const signIn = (address: string) =>
      fetch(`${app.url}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
        body: JSON.stringify({ email: 'nobody@example.com', password: 'password' }),
      });
    const paths = ['/trpc/project.list', official('/trpc/project.list')];
    const answers = [];
    for (const path of [...paths, ...paths]) answers.push(await read(path, '1.2.3.4'));
    expect(answers.map(({ by }) => by)).toEqual(['wire', 'official', 'wire', 'official']);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 429, 429]);
    for (const path of paths) expect((await read(path, '5.6.7.8')).status).toBe(theirs);

    for (const status of [401, 401, 429]) expect((await signIn('1.2.3.4')).status).toBe(status);
    expect((await signIn('5.6.7.8')).status).toBe(theirs);
  });
});
