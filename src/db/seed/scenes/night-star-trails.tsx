import { useEffect, useMemo, useRef } from 'react';

interface NightStarTrailsProps {
  caption?: string;
  trails?: number;
  /** Seconds until the exposure is complete and begins again. */
  exposureS?: number;
  /** How far the sky turns in that time, in degrees. */
  turnDeg?: number;
}

interface Trail {
  radius: number;
  start: number;
  colour: string;
  width: number;
}

const POLE = { x: 500, y: 250 };
const COLOURS = ['#dfe9ff', '#9fc1ff', '#fff3d6', '#ffc79a', '#ffffff', '#b7d0ff'];

/** Spreads points evenly and yet without a pattern: steps of the golden angle. */
function trailsOf(count: number): Trail[] {
  return Array.from({ length: count }, (_, i) => ({
    radius: 14 + (i / count) ** 0.85 * 940,
    start: (i * 137.508) % 360,
    colour: COLOURS[i % COLOURS.length] ?? '#ffffff',
    width: 0.9 + ((i * 7) % 5) * 0.42,
  }));
}

function pine(x: number, base: number, height: number): string {
  const tiers = Array.from({ length: 6 }, (_, i) => {
    const y = base - height + (height * (i + 1)) / 7;
    const half = ((i + 1) / 6) * height * 0.2;
    return `L ${x + half} ${y} L ${x + half * 0.45} ${y - 3}`;
  });
  const mirrored = Array.from({ length: 6 }, (_, k) => {
    const i = 5 - k;
    const y = base - height + (height * (i + 1)) / 7;
    const half = ((i + 1) / 6) * height * 0.2;
    return `L ${x - half * 0.45} ${y - 3} L ${x - half} ${y}`;
  });
  return `M ${x} ${base - height} ${tiers.join(' ')} L ${x + 5} ${base} L ${x - 5} ${base} ${mirrored.join(' ')} Z`;
}

export default function NightStarTrails({
  caption = 'Two hours, one frame',
  trails = 270,
  exposureS = 9,
  turnDeg = 34,
}: NightStarTrailsProps) {
  const sky = useMemo(() => trailsOf(trails), [trails]);
  const group = useRef<SVGGElement>(null);
  const clock = useRef<SVGTextElement>(null);

  useEffect(() => {
    const begin = performance.now();
    let frame = requestAnimationFrame(function tick(now) {
      const share = Math.max(0, (now - begin) / 1000 / exposureS) % 1;
      const shown = Math.min(1, share / 0.86);
      const turned = turnDeg * shown;
      const circles = group.current?.children ?? [];
      for (let i = 0; i < circles.length; i++) {
        const radius = sky[i]?.radius ?? 0;
        const round = 2 * Math.PI * radius;
        const drawn = Math.max(1.5, (round * turned) / 360);
        circles[i]?.setAttribute('stroke-dasharray', `${drawn} ${round}`);
      }
      group.current?.setAttribute('opacity', String(share > 0.93 ? (1 - share) / 0.07 : 1));
      if (clock.current) {
        const minutes = Math.floor(shown * 120);
        clock.current.textContent = `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
      }
      frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, [sky, exposureS, turnDeg]);

  const pines = Array.from({ length: 34 }, (_, i) => ({
    x: i * 40 + ((i * 29) % 23),
    height: 70 + ((i * 53) % 110),
  }));
  return (
    <div
      style={{ width: '100%', aspectRatio: '16 / 9', overflow: 'hidden', background: '#050a1c' }}
    >
      <svg viewBox="0 0 1280 720" width="100%" height="100%" preserveAspectRatio="xMidYMid slice">
        <defs>
          <radialGradient id="st-sky" cx=".4" cy=".35" r=".95">
            <stop offset="0" stopColor="#1d3a78" />
            <stop offset=".5" stopColor="#0c1a44" />
            <stop offset="1" stopColor="#040715" />
          </radialGradient>
        </defs>
        <rect width="1280" height="720" fill="url(#st-sky)" />
        <g ref={group} fill="none" strokeLinecap="round">
          {sky.map((trail, i) => (
            <circle
              key={i}
              cx={POLE.x}
              cy={POLE.y}
              r={trail.radius}
              stroke={trail.colour}
              strokeWidth={trail.width}
              strokeDasharray={`1.5 ${2 * Math.PI * trail.radius}`}
              transform={`rotate(${trail.start} ${POLE.x} ${POLE.y})`}
              opacity=".88"
            />
          ))}
        </g>
        <circle cx={POLE.x} cy={POLE.y} r="3.2" fill="#ffffff" />
        <path d="M 0 640 Q 320 580 640 630 T 1280 600 V 720 H 0 Z" fill="#030611" />
        {pines.map(({ x, height }) => (
          <path key={x} d={pine(x, 668, height)} fill="#02040c" />
        ))}
        <g fontFamily="'Helvetica Neue', Arial, sans-serif">
          <text x="76" y="696" fontSize="27" fill="#f2f5ff" fontWeight="300">
            {caption}
          </text>
          <text
            ref={clock}
            x="1204"
            y="696"
            fontSize="22"
            textAnchor="end"
            fill="#9fb4e8"
            letterSpacing=".08em"
          />
        </g>
      </svg>
    </div>
  );
}
