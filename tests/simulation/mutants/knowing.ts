/** Fences of knowledge: sets, floors, bounds. */
import { machine, type Mutant } from './mutant.ts';

export const KNOWING: readonly Mutant[] = [
  {
    name: 'maximum-instead-of-set',
    why: 'a transaction with a lower xid commits after one with a higher',
    edits: [
      machine(
        'knowledge.ts',
        'if (xid >= horizon && !provenance.known.includes(xid)) return false;',
        'if (xid >= horizon && xid > Math.max(-1, ...provenance.known)) return false;',
      ),
    ],
  },
  {
    name: 'no-floor',
    why: 'an entry is used although a write that it misses was forgotten',
    edits: [machine('knowledge.ts', 'if (horizon < this.#floor) return false;', '')],
  },
  {
    name: 'falling-floor',
    why: 'what was forgotten is claimed to be remembered',
    edits: [
      machine('knowledge.ts', 'this.#floor = Math.max(this.#floor, to);', 'this.#floor = to;'),
    ],
  },
  {
    name: 'no-tag-floor',
    why: 'a busy tag has forgotten the write that the entry misses',
    edits: [machine('knowledge.ts', 'if (horizon < known.floor) return false;', '')],
  },
  {
    name: 'memory-bound-without-floor',
    why: 'a tag is forgotten, and with it the writes that stored entries miss',
    edits: [
      machine('knowledge.ts', 'this.#raiseFloor(Math.max(known.floor, known.newest + 1));', ''),
    ],
  },
  {
    name: 'memory-bound-without-blur',
    why: 'a tag is forgotten, and with it the writes that entries of this process miss',
    edits: [
      machine(
        'knowledge.ts',
        'this.#blurredAt = Math.max(this.#blurredAt, known.blurredAt, ...known.seqs);',
        '',
      ),
    ],
  },
  {
    name: 'tag-bound-without-floor',
    why: 'a busy tag forgets a write that a stored entry misses',
    edits: [
      machine('knowledge.ts', 'known.floor = Math.max(known.floor, known.xids[at]! + 1);', ''),
    ],
  },
  {
    name: 'tag-bound-without-blur',
    why: 'a busy tag forgets a write that an entry of this process misses',
    edits: [
      machine('knowledge.ts', 'known.blurredAt = Math.max(known.blurredAt, known.seqs[at]!);', ''),
    ],
  },
  {
    name: 'provenance-as-of-the-end',
    why: 'writes that arrived during the load are listed as known to it',
    edits: [
      machine(
        'knowledge.ts',
        'xid >= note.horizon && known.seqs[i]! <= note.seq &&',
        'xid >= note.horizon &&',
      ),
    ],
  },
  {
    name: 'blur-ignored',
    why: 'what no tag tells of any more may have been a write to any of them',
    edits: [machine('knowledge.ts', 'if (this.#blurredAt > from) return false;', '')],
  },
  {
    name: 'tag-blur-ignored',
    why: 'the same for one busy tag',
    edits: [machine('knowledge.ts', 'if (known.blurredAt > from) return false;', '')],
  },
];
