/**
 * A simulated broadcast: loses, delays, repeats and reorders messages, and can be cut off from a
 * process. Delivers by member id to every living process of that name.
 */
import type { Message } from '../../src/cache/coherence/ports.ts';
import { latency } from './link.ts';
import type { Process } from './process.ts';
import { living, type World } from './world.ts';

export interface Journal {
  publish(world: World, from: Process, letter: Letter): void;
}

export interface Letter {
  readonly message: Message;
  readonly to: readonly string[] | undefined;
}

export function createJournal(): Journal {
  return {
    publish(world, from, letter) {
      if (world.weather.journalCut.has(from)) return;
      for (const process of living(world)) {
        if (process === from) continue;
        if (letter.to !== undefined && !letter.to.includes(process.id)) continue;
        post(world, process, letter.message);
      }
    },
  };
}

function post(world: World, process: Process, message: Message): void {
  const { random, timeline, weather } = world;
  const faults = world.plan.faults;
  const copies = !weather.calm && random.chance(faults.journalTwice) ? 2 : 1;
  for (let i = 0; i < copies; i += 1) {
    world.counts.messages += 1;
    if (!weather.calm && random.chance(faults.journalLoss)) continue;
    const delay = weather.calm ? 0 : random.around(faults.journalDelay);
    const held = message.type === 'answer' ? world.answersHeldUntilMs - timeline.nowMs() : 0;
    timeline.after(latency(world) + Math.max(delay, held), () => {
      if (weather.journalCut.has(process)) return;
      process.deliver(() => process.receive(message));
    });
  }
}
