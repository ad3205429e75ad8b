/** A new scene as decisions make it: one heading on one colour, everything a prop. */
import type { SceneContent } from '../../db/queries/scenes.ts';
import { cssColour } from './colours.ts';
import type { Action } from './intent.ts';

const DURATION_MS = 5_000;
const TYPE = 'title';
/** A name is taken from the text up to here. */
const NAME_LENGTH_MAX = 60;
const INK = { light: '#f4f1e8', dark: '#14121f' };

const TSX = `interface NewSceneProps {
  heading?: string;
  background?: string;
  ink?: string;
}

export default function NewScene({
  heading = 'New scene',
  background = '#101426',
  ink = '${INK.light}',
}: NewSceneProps) {
  return (
    <div
      style={{
        width: '100%',
        aspectRatio: '16 / 9',
        overflow: 'hidden',
        containerType: 'inline-size',
        display: 'grid',
        placeItems: 'center',
        textAlign: 'center',
        background,
        color: ink,
      }}
    >
      <style>{\`
        @keyframes ns-rise { from { opacity: 0; transform: translateY(3cqw) } to { opacity: 1; transform: none } }
        .ns-rise { animation: ns-rise 1.2s cubic-bezier(.16, 1, .3, 1) both }
      \`}</style>
      <div className="ns-rise" style={{ font: '400 7cqw/1.2 Georgia, serif', padding: '0 8cqw' }}>
        {heading}
      </div>
    </div>
  );
}
`;

export function newScene(wish: Extract<Action, { operation: 'create' }>): SceneContent {
  const type = wish.type ?? TYPE;
  const name = wish.name ?? (wish.text?.trim().slice(0, NAME_LENGTH_MAX).trim() || capital(type));
  const background = wish.colour === null ? undefined : cssColour(wish.colour);
  return {
    name,
    type,
    tsxCode: TSX,
    props: {
      heading: wish.text ?? name,
      ...(background === undefined ? {} : { background, ink: inkOn(background) }),
    },
    durationMs: wish.durationMs ?? DURATION_MS,
  };
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** By the relative luminance of ITU-R BT.709, without gamma: it only has to tell light from dark. */
function inkOn(background: string): string {
  const digits = /^#([0-9a-f]{6})$/.exec(background)?.[1];
  if (digits === undefined) return INK.light;
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) =>
    Number.parseInt(digits.slice(at, at + 2), 16),
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 140 ? INK.dark : INK.light;
}
