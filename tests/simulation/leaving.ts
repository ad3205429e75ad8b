/** A process ends, by itself or not, and another takes its place. */
import type { Process } from './process.ts';
import type { World } from './world.ts';

export function leave(world: World, process: Process): void {
  if (process.leaving) return;
  process.leaving = true;
  process.deliver(() =>
    process.start(process.member.leave(), () => {
      // It goes on answering what is still under way, and what still arrives.
      world.timeline.after(world.random.around(300), () => {
        process.die();
        rise(world, process.slot);
      });
    }),
  );
}

export function rise(world: World, slot: number): void {
  world.timeline.after(world.random.around(700), () => world.startProcess(slot));
}
