/** Starts a process of the simulated world: at the beginning, after a crash, or in recovery. */
import { Process } from './process.ts';
import type { World } from './world.ts';

/** A new process, with a new id, and its renewals. */
export function startProcess(world: World, slot: number): void {
  const { processes, random, timeline } = world;
  const process = new Process(world, slot, `p${slot}.${processes.length}`);
  processes.push(process);
  const renewing = (): void => {
    if (!process.alive) return;
    const beganMs = timeline.nowMs();
    process.start(process.member.renew(), () => {
      const restMs = process.member.renewEveryMs - (timeline.nowMs() - beganMs);
      timeline.after(Math.max(0, restMs), () => process.deliver(renewing));
    });
  };
  timeline.after(random.between(0, 100), () => process.deliver(renewing));
}
