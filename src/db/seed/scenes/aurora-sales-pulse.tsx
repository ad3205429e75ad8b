import { useEffect, useState } from 'react';

interface City {
  name: string;
  orders: number;
}

interface AuroraSalesPulseProps {
  heading?: string;
  unit?: string;
  cities?: City[];
  colours?: [string, string];
  seconds?: number;
}

const CITIES: City[] = [
  { name: 'Oslo', orders: 3120 },
  { name: 'Berlin', orders: 4870 },
  { name: 'Lisbon', orders: 2240 },
  { name: 'Toronto', orders: 3980 },
  { name: 'Seoul', orders: 5630 },
  { name: 'Sydney', orders: 2790 },
];

const FLOOR = 590;
const HEIGHT = 330;

/** Overshoots a little before it settles. */
function spring(share: number): number {
  return share <= 0 ? 0 : 1 - Math.exp(-6 * share) * Math.cos(9 * share);
}

export default function AuroraSalesPulse({
  heading = 'The first hundred days',
  unit = 'lamps delivered',
  cities = CITIES,
  colours = ['#ffd166', '#ef476f'],
  seconds = 7,
}: AuroraSalesPulseProps) {
  const [time, setTime] = useState(0);
  useEffect(() => {
    const begin = performance.now();
    let frame = requestAnimationFrame(function tick(now) {
      setTime((Math.max(0, now - begin) / 1000) % seconds);
      frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, [seconds]);

  const most = Math.max(1, ...cities.map((city) => city.orders));
  const leaving = Math.max(0, Math.min(1, (time - seconds + 0.7) / 0.6));
  const shares = cities.map((_, i) => spring((time - 0.25 - i * 0.16) / 1.4) * (1 - leaving));
  const total = cities.reduce((sum, city, i) => sum + city.orders * Math.min(1, shares[i] ?? 0), 0);
  const step = 1130 / cities.length;
  return (
    <div
      style={{ width: '100%', aspectRatio: '16 / 9', overflow: 'hidden', background: '#1f1135' }}
    >
      <svg
        viewBox="0 0 1280 720"
        width="100%"
        height="100%"
        fontFamily="'Helvetica Neue', Arial, sans-serif"
      >
        <defs>
          <linearGradient id="sp-bar" x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor={colours[0]} />
            <stop offset="1" stopColor={colours[1]} />
          </linearGradient>
          <radialGradient id="sp-back" cx=".8" cy="0" r="1.1">
            <stop offset="0" stopColor="#5b2a86" />
            <stop offset="1" stopColor="#1a0e2e" />
          </radialGradient>
        </defs>
        <rect width="1280" height="720" fill="url(#sp-back)" />
        <text x="110" y="118" fontSize="28" fill="#cdb9e8">
          {heading}
        </text>
        <text
          x="106"
          y="196"
          fontSize="76"
          fontWeight="700"
          fill="#fff8e7"
          style={{ fontVariantNumeric: 'tabular-nums' }}
        >
          {Math.round(total).toLocaleString('en-US')}
          <tspan fontSize="28" fontWeight="400" dx="18" fill="#cdb9e8">
            {unit}
          </tspan>
        </text>
        {cities.map((city, i) => {
          const share = shares[i] ?? 0;
          const height = Math.max(0, (city.orders / most) * HEIGHT * share);
          const x = 110 + i * step;
          const breath = 1 + 0.25 * Math.sin(time * 3 + i);
          return (
            <g key={city.name}>
              <rect
                x={x}
                y={FLOOR - HEIGHT}
                width={step * 0.62}
                height={HEIGHT}
                rx="14"
                fill="#ffffff"
                opacity=".05"
              />
              <rect
                x={x}
                y={FLOOR - height}
                width={step * 0.62}
                height={height}
                rx="14"
                fill="url(#sp-bar)"
              />
              <circle
                cx={x + step * 0.31}
                cy={FLOOR - height}
                r={15 * breath * share}
                fill="#fff3cf"
                opacity=".9"
              />
              <circle
                cx={x + step * 0.31}
                cy={FLOOR - height}
                r={30 * breath * share}
                fill="#ffe29a"
                opacity=".22"
              />
              <text
                x={x + step * 0.31}
                y={FLOOR + 42}
                fontSize="21"
                textAnchor="middle"
                fill="#f3e9ff"
              >
                {city.name}
              </text>
              <text
                x={x + step * 0.31}
                y={FLOOR + 70}
                fontSize="16"
                textAnchor="middle"
                fill="#a993c9"
              >
                {Math.round(city.orders * Math.min(1, share)).toLocaleString('en-US')}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}
