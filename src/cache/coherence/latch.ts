/**
 * Something that happens once, with a value: what operations wait for instead of promises, so that
 * a simulator can run them without a microtask queue. Waiters are called synchronously, in order.
 */

export class Latch<T> {
  #settled = false;
  #value: T | undefined;
  #waiters: (() => void)[] = [];

  get settled(): boolean {
    return this.#settled;
  }

  /** The value, or undefined while unsettled. */
  get value(): T | undefined {
    return this.#value;
  }

  settle(value: T): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#value = value;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  /** Calls `wake` once settled (never at once); the returned function takes that back. */
  subscribe(wake: () => void): () => void {
    this.#waiters.push(wake);
    return () => {
      this.#waiters = this.#waiters.filter((waiter) => waiter !== wake);
    };
  }
}
