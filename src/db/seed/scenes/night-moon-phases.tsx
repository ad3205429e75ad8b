import { useEffect, useState } from 'react';

interface NightMoonPhasesProps {
  heading?: string;
  /** Seconds for one lunar month. */
  monthS?: number;
  moonColour?: string;
}

const NAMES = [
  'New moon',
  'Waxing crescent',
  'First quarter',
  'Waxing gibbous',
  'Full moon',
  'Waning gibbous',
  'Last quarter',
  'Waning crescent',
];

const SYNODIC_DAYS = 29.53;

/** The lit part of a disc at the origin; `phase` runs from 0 (new) over 0.5 (full) to 1. */
function lit(phase: number, radius: number): string {
  const waxing = phase < 0.5;
  const bulge = Math.cos(phase * 2 * Math.PI) * radius;
  const outer = waxing ? 1 : 0;
  const inner = bulge > 0 === waxing ? 0 : 1;
  const rx = Math.abs(bulge).toFixed(2);
  return `M 0 ${-radius} A ${radius} ${radius} 0 0 ${outer} 0 ${radius} A ${rx} ${radius} 0 0 ${inner} 0 ${-radius} Z`;
}

/** The quarters are moments: a day or so around them; what lies between has the other names. */
function phaseIndex(phase: number): number {
  const eighths = phase * 8;
  const quarter = Math.round(eighths / 2) * 2;
  return Math.abs(eighths - quarter) < 0.3 ? quarter % 8 : Math.floor(eighths / 2) * 2 + 1;
}

const CRATERS: [x: number, y: number, r: number][] = [
  [-62, -70, 30],
  [38, -92, 22],
  [70, 12, 38],
  [-30, 26, 46],
  [-98, 40, 18],
  [22, 96, 26],
  [-44, 112, 14],
  [4, -34, 16],
  [104, -52, 15],
];

export default function NightMoonPhases({
  heading = 'One month of moonlight',
  monthS = 12,
  moonColour = '#f3ead2',
}: NightMoonPhasesProps) {
  const [phase, setPhase] = useState(0.08);
  useEffect(() => {
    const begin = performance.now();
    let frame = requestAnimationFrame(function tick(now) {
      setPhase((0.08 + Math.max(0, now - begin) / 1000 / monthS) % 1);
      frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, [monthS]);

  const current = phaseIndex(phase);
  const illuminated = Math.round(((1 - Math.cos(phase * 2 * Math.PI)) / 2) * 100);
  return (
    <div
      style={{ width: '100%', aspectRatio: '16 / 9', overflow: 'hidden', background: '#0a0c14' }}
    >
      <svg
        viewBox="0 0 1280 720"
        width="100%"
        height="100%"
        fontFamily="'Helvetica Neue', Arial, sans-serif"
      >
        <defs>
          <radialGradient id="mp-glow">
            <stop offset=".3" stopColor={moonColour} stopOpacity=".4" />
            <stop offset="1" stopColor={moonColour} stopOpacity="0" />
          </radialGradient>
          <radialGradient id="mp-sky" cx=".3" cy=".4" r="1">
            <stop offset="0" stopColor="#232b45" />
            <stop offset="1" stopColor="#080a12" />
          </radialGradient>
          <clipPath id="mp-lit">
            <path d={lit(phase, 178)} />
          </clipPath>
          <filter id="mp-edge" x="-20%" y="-20%" width="140%" height="140%">
            <feGaussianBlur stdDeviation="1.2" />
          </filter>
        </defs>
        <rect width="1280" height="720" fill="url(#mp-sky)" />
        <g transform="translate(400 326)">
          <circle r="350" fill="url(#mp-glow)" opacity={illuminated / 100} />
          <circle r="178" fill="#171b2a" />
          <circle r="178" fill="none" stroke="#3b4564" strokeWidth="1" />
          <g clipPath="url(#mp-lit)" filter="url(#mp-edge)">
            <circle r="178" fill={moonColour} />
            {CRATERS.map(([x, y, r]) => (
              <g key={`${x},${y}`}>
                <circle cx={x} cy={y} r={r} fill="#b9ab8b" opacity=".38" />
                <circle
                  cx={x + r * 0.12}
                  cy={y + r * 0.14}
                  r={r * 0.84}
                  fill="#cdbf9e"
                  opacity=".5"
                />
              </g>
            ))}
          </g>
        </g>
        <text x="700" y="216" fontSize="22" fill="#8d97b8" letterSpacing=".04em">
          {heading}
        </text>
        <text x="697" y="294" fontSize="62" fill="#ffffff" fontFamily="Georgia, serif">
          {NAMES[current]}
        </text>
        <text x="700" y="352" fontSize="24" fill="#c5cce2">
          {`Day ${(phase * SYNODIC_DAYS).toFixed(1)} of ${SYNODIC_DAYS}`}
        </text>
        <rect x="700" y="392" width="440" height="6" rx="3" fill="#2a3149" />
        <rect x="700" y="392" width={4.4 * illuminated} height="6" rx="3" fill={moonColour} />
        <text x="700" y="432" fontSize="18" fill="#8d97b8">
          {`${illuminated} % of its face in sunlight`}
        </text>
        {NAMES.map((name, i) => (
          <g
            key={name}
            transform={`translate(${150 + i * 140} 628)`}
            opacity={i === current ? 1 : 0.42}
          >
            <circle
              r="28"
              fill="#171b2a"
              stroke={i === current ? moonColour : '#3b4564'}
              strokeWidth="1.5"
            />
            <path d={lit(i / 8, 26)} fill={moonColour} opacity={i === 0 ? 0 : 1} />
          </g>
        ))}
      </svg>
    </div>
  );
}
