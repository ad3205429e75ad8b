interface NightTitleProps {
  title?: string;
  subtitle?: string;
  starCount?: number;
  /** Changes which sky is drawn; the same number gives the same sky. */
  skySeed?: number;
}

interface Star {
  x: number;
  y: number;
  size: number;
  delay: number;
}

/** A repeatable sequence of numbers from 0 to 1 (mulberry32). */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}

function sky(seed: number, count: number): Star[] {
  const next = sequence(seed);
  return Array.from({ length: count }, () => ({
    x: next() * 1280,
    y: next() * 620,
    size: 0.5 + next() ** 4 * 2.6,
    delay: -next() * 6,
  }));
}

function ridge(seed: number, base: number, height: number): string {
  const next = sequence(seed);
  const points = Array.from({ length: 27 }, (_, i) => {
    const peak = i % 2 === 0 ? next() * height : next() * height * 0.35;
    return `L ${i * 52 - 40} ${(base - peak).toFixed(0)}`;
  });
  return `M -60 720 ${points.join(' ')} L 1340 720 Z`;
}

export default function NightTitle({
  title = 'Night Sky',
  subtitle = 'A journey through the dark',
  starCount = 260,
  skySeed = 7,
}: NightTitleProps) {
  const stars = sky(skySeed, starCount);
  return (
    <div
      style={{ width: '100%', aspectRatio: '16 / 9', overflow: 'hidden', background: '#02030a' }}
    >
      <style>{`
        @keyframes nt-twinkle { 0%, 100% { opacity: .25 } 50% { opacity: 1 } }
        @keyframes nt-pan { from { transform: translateX(-26px) } to { transform: translateX(26px) } }
        @keyframes nt-title { from { opacity: 0; letter-spacing: 1.1em; filter: blur(14px) } to { opacity: 1; letter-spacing: .34em; filter: blur(0) } }
        @keyframes nt-line { from { transform: scaleX(0) } to { transform: scaleX(1) } }
        @keyframes nt-fade { from { opacity: 0 } to { opacity: 1 } }
        .nt-star { animation: nt-twinkle 4s ease-in-out infinite }
        .nt-pan { animation: nt-pan 14s ease-in-out infinite alternate }
        .nt-title { animation: nt-title 3.2s cubic-bezier(.16, 1, .3, 1) both .3s }
        .nt-line { transform-box: fill-box; transform-origin: center; animation: nt-line 2s cubic-bezier(.16, 1, .3, 1) both 1s }
        .nt-fade { animation: nt-fade 2s ease-out both 1.6s }
      `}</style>
      <svg viewBox="0 0 1280 720" width="100%" height="100%" preserveAspectRatio="xMidYMid slice">
        <defs>
          <linearGradient id="nt-sky" x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="#03040f" />
            <stop offset=".55" stopColor="#0b1538" />
            <stop offset=".86" stopColor="#31407a" />
            <stop offset="1" stopColor="#c47a6a" />
          </linearGradient>
          <radialGradient id="nt-milky">
            <stop offset="0" stopColor="#aab6ff" stopOpacity=".34" />
            <stop offset=".5" stopColor="#6f6bd6" stopOpacity=".13" />
            <stop offset="1" stopColor="#6f6bd6" stopOpacity="0" />
          </radialGradient>
        </defs>
        <rect width="1280" height="720" fill="url(#nt-sky)" />
        <g className="nt-pan">
          <ellipse
            cx="640"
            cy="260"
            rx="860"
            ry="120"
            fill="url(#nt-milky)"
            transform="rotate(-24 640 260)"
          />
          <ellipse
            cx="700"
            cy="240"
            rx="520"
            ry="54"
            fill="url(#nt-milky)"
            transform="rotate(-24 640 260)"
          />
          {stars.map((star, i) => (
            <circle
              key={i}
              className="nt-star"
              cx={star.x}
              cy={star.y}
              r={star.size}
              fill={i % 9 === 0 ? '#ffd9b0' : i % 5 === 0 ? '#bcd2ff' : '#ffffff'}
              style={{
                animationDelay: `${star.delay}s`,
                animationDuration: `${2.5 + (i % 7) * 0.6}s`,
              }}
            />
          ))}
        </g>
        <path
          className="nt-pan"
          d={ridge(3, 600, 130)}
          fill="#1b2350"
          style={{ animationDuration: '20s' }}
        />
        <path d={ridge(11, 648, 105)} fill="#0d1230" />
        <path d={ridge(29, 694, 70)} fill="#04060f" />
        <g textAnchor="middle" fontFamily="'Helvetica Neue', Arial, sans-serif" fill="#ffffff">
          <text className="nt-title" x="652" y="318" fontSize="78" fontWeight="200">
            {title.toUpperCase()}
          </text>
          <rect
            className="nt-line"
            x="490"
            y="352"
            width="300"
            height="1.5"
            fill="#ffffff"
            opacity=".8"
          />
          <text
            className="nt-fade"
            x="640"
            y="398"
            fontSize="24"
            fontFamily="Georgia, serif"
            fontStyle="italic"
            fill="#d8def5"
          >
            {subtitle}
          </text>
        </g>
      </svg>
    </div>
  );
}
