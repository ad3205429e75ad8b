/** The lease, clock by clock. */
import { describe, expect, test } from 'vitest';
import { Lease, readClock } from '../../src/cache/coherence/lease.ts';

const LEASE_MS = 2000;

function createClock(): {
  monoMs(): number;
  wallMs(): number;
  pass(monoMs: number, wallMs?: number): void;
} {
  let mono = 500;
  let wall = 1_700_000_000_000;
  return {
    monoMs: () => mono,
    wallMs: () => wall,
    pass: (monoMs, wallMs = monoMs) => {
      mono += monoMs;
      wall += wallMs;
    },
  };
}

describe('a lease', () => {
  test('is not held before the first renewal', () => {
    expect(new Lease(createClock(), LEASE_MS).held()).toBe(false);
  });

  test('lasts 95% of its time, counted from before the renewal was sent', () => {
    const clock = createClock();
    const lease = new Lease(clock, LEASE_MS);
    const before = readClock(clock);
    clock.pass(300);
    lease.extend(before);
    clock.pass(1599);
    expect(lease.held()).toBe(true);
    expect(lease.remainingMs()).toBe(1);
    clock.pass(1);
    expect(lease.held()).toBe(false);
  });

  test('ends when the machine was suspended, though the monotonic clock stood still', () => {
    const clock = createClock();
    const lease = new Lease(clock, LEASE_MS);
    lease.extend(readClock(clock));
    clock.pass(0, 5000);
    expect(lease.held()).toBe(false);
  });

  test('ends when the wall clock was set back by more than 2.5% of it', () => {
    const clock = createClock();
    const lease = new Lease(clock, LEASE_MS);
    lease.extend(readClock(clock));
    clock.pass(100, 50);
    expect(lease.held()).toBe(true);
    clock.pass(0, -1);
    expect(lease.held()).toBe(false);
  });

  test('once found ended, is not held again when the clocks agree again', () => {
    const clock = createClock();
    const lease = new Lease(clock, LEASE_MS);
    lease.extend(readClock(clock));
    clock.pass(100, -3000);
    expect(lease.held()).toBe(false);
    clock.pass(0, 3100);
    expect(lease.held()).toBe(false);
  });
});
