interface Planet {
  name: string;
  /** Distance from the sun on the drawing. */
  orbit: number;
  size: number;
  /** Years for one turn. */
  years: number;
  colours: [string, string];
  ring?: boolean;
}

interface NightOrreryProps {
  title?: string;
  planets?: Planet[];
  /** Seconds that one year takes. */
  yearS?: number;
}

const PLANETS: Planet[] = [
  { name: 'Mercury', orbit: 92, size: 6, years: 0.24, colours: ['#d9c9b4', '#7c6a58'] },
  { name: 'Venus', orbit: 142, size: 11, years: 0.62, colours: ['#ffe3a8', '#c98b3a'] },
  { name: 'Earth', orbit: 200, size: 12, years: 1, colours: ['#9ad9ff', '#1c5bb8'] },
  { name: 'Mars', orbit: 258, size: 9, years: 1.88, colours: ['#ff9c73', '#a3361b'] },
  { name: 'Jupiter', orbit: 352, size: 27, years: 11.9, colours: ['#f6dcb8', '#a9774b'] },
  {
    name: 'Saturn',
    orbit: 462,
    size: 22,
    years: 29.5,
    colours: ['#f7e6b5', '#b59653'],
    ring: true,
  },
];

/** The orbits are seen from the side: circles, pressed flat. */
const TILT = 0.36;

export default function NightOrrery({
  title = 'Our neighbours,\nin their own time',
  planets = PLANETS,
  yearS = 5,
}: NightOrreryProps) {
  const stars = Array.from({ length: 120 }, (_, i) => ({
    x: (i * 433.1) % 1280,
    y: (i * 277.9 + i * i) % 720,
  }));
  return (
    <div
      style={{ width: '100%', aspectRatio: '16 / 9', overflow: 'hidden', background: '#0b0a14' }}
    >
      <style>{`
        @keyframes or-turn { from { offset-distance: 0% } to { offset-distance: 100% } }
        @keyframes or-flare { 0%, 100% { transform: scale(1); opacity: .5 } 50% { transform: scale(1.16); opacity: .85 } }
        .or-planet { offset-rotate: 0deg; animation: or-turn linear infinite }
        .or-flare { transform-origin: 0 0; animation: or-flare 4s ease-in-out infinite }
      `}</style>
      <svg viewBox="0 0 1280 720" width="100%" height="100%">
        <defs>
          <radialGradient id="or-sun">
            <stop offset="0" stopColor="#fffbe0" />
            <stop offset=".6" stopColor="#ffcf5c" />
            <stop offset="1" stopColor="#ff8c2e" />
          </radialGradient>
          <radialGradient id="or-corona">
            <stop offset=".2" stopColor="#ffb84d" stopOpacity=".7" />
            <stop offset="1" stopColor="#ff7a2e" stopOpacity="0" />
          </radialGradient>
          {planets.map((planet) => (
            <radialGradient key={planet.name} id={`or-${planet.name}`} cx=".35" cy=".3" r=".8">
              <stop offset="0" stopColor={planet.colours[0]} />
              <stop offset="1" stopColor={planet.colours[1]} />
            </radialGradient>
          ))}
        </defs>
        {stars.map((star, i) => (
          <circle
            key={i}
            cx={star.x}
            cy={star.y}
            r={0.6 + (i % 4) * 0.25}
            fill="#fff"
            opacity={0.2 + (i % 5) * 0.12}
          />
        ))}
        <g transform="translate(730 390) rotate(-9)">
          <circle className="or-flare" r="150" fill="url(#or-corona)" />
          {planets.map((planet) => (
            <ellipse
              key={planet.name}
              rx={planet.orbit}
              ry={planet.orbit * TILT}
              fill="none"
              stroke="#8f86c9"
              strokeOpacity=".34"
              strokeWidth="1.2"
            />
          ))}
          <circle r="44" fill="url(#or-sun)" />
          {planets.map((planet, i) => {
            const flat = planet.orbit * TILT;
            const path = `M ${-planet.orbit} 0 A ${planet.orbit} ${flat} 0 1 0 ${planet.orbit} 0 A ${planet.orbit} ${flat} 0 1 0 ${-planet.orbit} 0`;
            return (
              <g
                key={planet.name}
                className="or-planet"
                style={{
                  offsetPath: `path("${path}")`,
                  animationDuration: `${planet.years * yearS}s`,
                  animationDelay: `${-planet.years * yearS * ((0.12 + i * 0.29) % 1)}s`,
                }}
              >
                {planet.ring && (
                  <ellipse
                    rx="40"
                    ry="11"
                    fill="none"
                    stroke="#d8c48c"
                    strokeWidth="5"
                    opacity=".75"
                    transform="rotate(14)"
                  />
                )}
                <circle r={planet.size} fill={`url(#or-${planet.name})`} />
                <text
                  y={-planet.size - 10}
                  fontSize="14"
                  textAnchor="middle"
                  fill="#d9d5f2"
                  fontFamily="'Helvetica Neue', Arial, sans-serif"
                >
                  {planet.name}
                </text>
              </g>
            );
          })}
        </g>
        {title.split('\n').map((line, i) => (
          <text
            key={line}
            x="72"
            y={112 + i * 56}
            fontSize="46"
            fontFamily="Georgia, serif"
            fill="#fff4dc"
          >
            {line}
          </text>
        ))}
      </svg>
    </div>
  );
}
