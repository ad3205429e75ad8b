interface NamedStar {
  name: string;
  x: number;
  y: number;
  /** Apparent magnitude: the smaller, the brighter. */
  magnitude: number;
  colour?: string;
  labelled?: boolean;
}

interface NightConstellationProps {
  name?: string;
  legend?: string;
  stars?: NamedStar[];
  /** Pairs of star names to join, in the order in which they are drawn. */
  lines?: [string, string][];
}

const ORION: NamedStar[] = [
  { name: 'Betelgeuse', x: 470, y: 190, magnitude: 0.5, colour: '#ff9a6b', labelled: true },
  { name: 'Bellatrix', x: 770, y: 220, magnitude: 1.6, colour: '#cfe0ff', labelled: true },
  { name: 'Meissa', x: 630, y: 110, magnitude: 3.4 },
  { name: 'Alnitak', x: 575, y: 402, magnitude: 1.8, colour: '#bcd3ff' },
  { name: 'Alnilam', x: 632, y: 376, magnitude: 1.7, colour: '#bcd3ff', labelled: true },
  { name: 'Mintaka', x: 690, y: 349, magnitude: 2.2, colour: '#bcd3ff' },
  { name: 'Saiph', x: 530, y: 600, magnitude: 2.1, colour: '#cfe0ff', labelled: true },
  { name: 'Rigel', x: 812, y: 566, magnitude: 0.1, colour: '#a9c8ff', labelled: true },
];

const FIGURE: [string, string][] = [
  ['Meissa', 'Betelgeuse'],
  ['Meissa', 'Bellatrix'],
  ['Betelgeuse', 'Bellatrix'],
  ['Betelgeuse', 'Alnitak'],
  ['Bellatrix', 'Mintaka'],
  ['Alnitak', 'Alnilam'],
  ['Alnilam', 'Mintaka'],
  ['Alnitak', 'Saiph'],
  ['Mintaka', 'Rigel'],
  ['Saiph', 'Rigel'],
];

const LOOP_S = 10;

export default function NightConstellation({
  name = 'Orion',
  legend = 'The hunter rises in the east on winter evenings',
  stars = ORION,
  lines = FIGURE,
}: NightConstellationProps) {
  const byName = new Map(stars.map((star) => [star.name, star]));
  const dust = Array.from({ length: 150 }, (_, i) => ({
    x: (i * 619.3) % 1280,
    y: (i * 347.7 + i * i * 0.9) % 720,
    r: 0.5 + ((i * 13) % 7) * 0.13,
  }));
  return (
    <div
      style={{ width: '100%', aspectRatio: '16 / 9', overflow: 'hidden', background: '#060a18' }}
    >
      <style>{`
        @keyframes co-draw { 0% { stroke-dashoffset: 1 } 9%, 88% { stroke-dashoffset: 0; opacity: 1 } 96%, 100% { stroke-dashoffset: 0; opacity: 0 } }
        @keyframes co-shine { 0%, 100% { transform: scale(1) } 50% { transform: scale(1.35) } }
        @keyframes co-label { 0%, 4% { opacity: 0; transform: translateX(-10px) } 12%, 86% { opacity: 1; transform: none } 96%, 100% { opacity: 0 } }
        @keyframes co-turn { from { transform: rotate(-2.4deg) } to { transform: rotate(2.4deg) } }
        .co-line { stroke-dasharray: 1; animation: co-draw ${LOOP_S}s ease-out infinite both }
        .co-star { transform-box: fill-box; transform-origin: center; animation: co-shine 3s ease-in-out infinite }
        .co-label { animation: co-label ${LOOP_S}s ease-out infinite both }
        .co-turn { transform-origin: 640px 360px; animation: co-turn 12s ease-in-out infinite alternate }
      `}</style>
      <svg viewBox="0 0 1280 720" width="100%" height="100%" fontFamily="Georgia, serif">
        <defs>
          <radialGradient id="co-nebula">
            <stop offset="0" stopColor="#d1497f" stopOpacity=".5" />
            <stop offset=".4" stopColor="#5e3fb0" stopOpacity=".24" />
            <stop offset="1" stopColor="#5e3fb0" stopOpacity="0" />
          </radialGradient>
          <pattern id="co-grid" width="80" height="80" patternUnits="userSpaceOnUse">
            <path d="M 80 0 H 0 V 80" fill="none" stroke="#6f8fd8" strokeOpacity=".09" />
          </pattern>
        </defs>
        <rect width="1280" height="720" fill="url(#co-grid)" />
        {dust.map((speck, i) => (
          <circle
            key={i}
            cx={speck.x}
            cy={speck.y}
            r={speck.r}
            fill="#c7d4f5"
            opacity={0.25 + (i % 5) * 0.12}
          />
        ))}
        <g className="co-turn">
          <circle cx="646" cy="466" r="150" fill="url(#co-nebula)" />
          {lines.map(([from, to], i) => {
            const a = byName.get(from);
            const b = byName.get(to);
            if (!a || !b) return null;
            return (
              <path
                key={`${from}-${to}`}
                className="co-line"
                d={`M ${a.x} ${a.y} L ${b.x} ${b.y}`}
                pathLength="1"
                stroke="#8fb0ff"
                strokeWidth="1.6"
                style={{ animationDelay: `${i * 0.38}s` }}
              />
            );
          })}
          {stars.map((star, i) => {
            const size = 9.5 - star.magnitude * 1.7;
            const colour = star.colour ?? '#ffffff';
            return (
              <g key={star.name}>
                <g className="co-star" style={{ animationDelay: `${-i * 0.7}s` }}>
                  <circle cx={star.x} cy={star.y} r={size * 2.6} fill={colour} opacity=".16" />
                  <circle cx={star.x} cy={star.y} r={size} fill={colour} />
                  <circle cx={star.x} cy={star.y} r={size * 0.5} fill="#ffffff" />
                </g>
                {star.labelled && (
                  <text
                    className="co-label"
                    x={star.x < 600 ? star.x - 28 : star.x + 28}
                    y={star.y + 6}
                    fontSize="19"
                    fontStyle="italic"
                    textAnchor={star.x < 600 ? 'end' : 'start'}
                    fill="#d5dffa"
                    style={{ animationDelay: `${0.6 + i * 0.35}s` }}
                  >
                    {star.name}
                  </text>
                )}
              </g>
            );
          })}
        </g>
        <text x="1196" y="588" fontSize="74" textAnchor="end" fill="#f4f6ff">
          {name}
        </text>
        <text
          x="1196"
          y="634"
          fontSize="19"
          textAnchor="end"
          fill="#9db0dd"
          fontFamily="'Helvetica Neue', Arial, sans-serif"
        >
          {legend}
        </text>
      </svg>
    </div>
  );
}
