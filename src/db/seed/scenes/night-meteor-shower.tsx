interface NightMeteorShowerProps {
  name?: string;
  peak?: string;
  /** Meteors in the sky over one loop. */
  meteors?: number;
  loopS?: number;
}

interface Meteor {
  x: number;
  y: number;
  length: number;
  delay: number;
}

/** All paths lead away from one point, the radiant, as those of a real shower do. */
const RADIANT = { x: 930, y: -70 };

function shower(count: number, loopS: number): Meteor[] {
  return Array.from({ length: count }, (_, i) => ({
    x: 80 + ((i * 397) % 1000),
    y: 40 + ((i * 211) % 260),
    length: 120 + ((i * 67) % 190),
    delay: -((i * loopS * 0.618) % loopS),
  }));
}

const WATER = 440;

export default function NightMeteorShower({
  name = 'The Perseids',
  peak = 'Every year, on the nights around 12 August',
  meteors = 16,
  loopS = 6,
}: NightMeteorShowerProps) {
  const stars = Array.from({ length: 130 }, (_, i) => ({
    x: (i * 523.7) % 1280,
    y: (i * 191.3 + i * i * 0.37) % (WATER - 40),
    r: 0.5 + ((i * 11) % 9) * 0.14,
  }));
  const streaks = shower(meteors, loopS).map((meteor, i) => {
    const angle = (Math.atan2(meteor.y - RADIANT.y, meteor.x - RADIANT.x) * 180) / Math.PI;
    return (
      <g key={i} transform={`translate(${meteor.x} ${meteor.y}) rotate(${angle})`}>
        <g className="ms-fly" style={{ animationDelay: `${meteor.delay}s` }}>
          <rect
            x={-meteor.length}
            y="-1.3"
            width={meteor.length}
            height="2.6"
            rx="1.3"
            fill="url(#ms-tail)"
          />
          <circle r="2.6" fill="#ffffff" />
          <circle r="7" fill="#aef3e6" opacity=".4" />
        </g>
      </g>
    );
  });
  return (
    <div
      style={{ width: '100%', aspectRatio: '16 / 9', overflow: 'hidden', background: '#04101c' }}
    >
      <style>{`
        @keyframes ms-fly { 0% { transform: translateX(-60px) scaleX(.1); opacity: 0 } 5% { opacity: 1 } 17% { opacity: .9 } 24%, 100% { transform: translateX(340px) scaleX(1); opacity: 0 } }
        @keyframes ms-ripple { 0%, 100% { transform: translateX(-18px); opacity: .1 } 50% { transform: translateX(18px); opacity: .34 } }
        @keyframes ms-flicker { 0%, 100% { opacity: .8 } 35% { opacity: 1 } 60% { opacity: .6 } }
        .ms-fly { animation: ms-fly ${loopS}s cubic-bezier(.3, 0, .7, 1) infinite }
        .ms-ripple { animation: ms-ripple 5s ease-in-out infinite }
        .ms-fire { animation: ms-flicker .9s ease-in-out infinite }
      `}</style>
      <svg viewBox="0 0 1280 720" width="100%" height="100%" preserveAspectRatio="xMidYMid slice">
        <defs>
          <linearGradient id="ms-sky" x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="#030814" />
            <stop offset=".6" stopColor="#0a2c46" />
            <stop offset="1" stopColor="#2b7a78" />
          </linearGradient>
          <linearGradient id="ms-tail">
            <stop offset="0" stopColor="#8ff0dc" stopOpacity="0" />
            <stop offset="1" stopColor="#ffffff" />
          </linearGradient>
          <linearGradient id="ms-deep" x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="#062033" stopOpacity=".25" />
            <stop offset="1" stopColor="#020a12" stopOpacity=".96" />
          </linearGradient>
          <radialGradient id="ms-fire">
            <stop offset="0" stopColor="#ffd28a" />
            <stop offset="1" stopColor="#ff8a3d" stopOpacity="0" />
          </radialGradient>
          <g id="ms-above">
            <rect width="1280" height={WATER} fill="url(#ms-sky)" />
            {stars.map((star, i) => (
              <circle
                key={i}
                cx={star.x}
                cy={star.y}
                r={star.r}
                fill="#e8fffb"
                opacity={0.4 + (i % 4) * 0.2}
              />
            ))}
            {streaks}
            <path
              d={`M 0 ${WATER} V 380 L 120 330 L 230 372 L 390 290 L 520 366 L 640 340 L 800 392 L 980 318 L 1120 376 L 1280 336 V ${WATER} Z`}
              fill="#0a1e2c"
            />
            <path
              d={`M 0 ${WATER} V 412 Q 200 384 420 418 T 860 414 T 1280 396 V ${WATER} Z`}
              fill="#050f18"
            />
          </g>
          <clipPath id="ms-frame">
            <rect width="1280" height={WATER} />
          </clipPath>
        </defs>
        <use href="#ms-above" clipPath="url(#ms-frame)" />
        <g transform={`translate(0 ${WATER * 2}) scale(1 -1)`} opacity=".72">
          <use href="#ms-above" clipPath="url(#ms-frame)" />
        </g>
        <rect y={WATER} width="1280" height="280" fill="url(#ms-deep)" />
        {Array.from({ length: 11 }, (_, i) => (
          <rect
            key={i}
            className="ms-ripple"
            x={80 + ((i * 337) % 900)}
            y={WATER + 14 + i * 23}
            width={140 + ((i * 83) % 220)}
            height={1 + i * 0.16}
            fill="#9fe8dc"
            style={{ animationDelay: `${-i * 0.8}s` }}
          />
        ))}
        <g className="ms-fire">
          <circle cx="1060" cy="432" r="34" fill="url(#ms-fire)" />
          <circle cx="1060" cy="452" r="20" fill="url(#ms-fire)" opacity=".5" />
        </g>
        <path d="M 1034 442 L 1050 414 L 1066 442 Z" fill="#02070c" />
        <text x="84" y="612" fontSize="56" fontFamily="Georgia, serif" fill="#f1fffc">
          {name}
        </text>
        <text
          x="86"
          y="652"
          fontSize="20"
          fontFamily="'Helvetica Neue', Arial, sans-serif"
          fill="#a9d8d2"
        >
          {peak}
        </text>
      </svg>
    </div>
  );
}
