import { useEffect, useState } from 'react';

interface NightLightPollutionProps {
  left?: string;
  right?: string;
  /** Stars that the eye can see under each sky. */
  visible?: { city: number; dark: number };
  sweepS?: number;
}

/** A repeatable number from 0 to 1 for each index. */
function scatter(index: number, salt: number): number {
  const value = Math.sin(index * 127.1 + salt * 311.7) * 43758.5453;
  return value - Math.floor(value);
}

const STARS = Array.from({ length: 420 }, (_, i) => ({
  x: scatter(i, 1) * 1280,
  y: scatter(i, 2) * 560,
  size: 0.5 + scatter(i, 3) ** 6 * 2.4,
}));

const BUILDINGS = Array.from({ length: 26 }, (_, i) => ({
  x: i * 50 - 8,
  width: 40 + scatter(i, 4) * 22,
  height: 70 + scatter(i, 5) * 190,
}));

function City() {
  return (
    <>
      <rect width="1280" height="720" fill="url(#lp-haze)" />
      {STARS.filter((star) => star.size > 1.9).map((star) => (
        <circle key={star.x} cx={star.x} cy={star.y} r={star.size} fill="#fff1d6" opacity=".8" />
      ))}
      {BUILDINGS.map((building, i) => (
        <g key={building.x}>
          <rect
            x={building.x}
            y={660 - building.height}
            width={building.width}
            height={building.height + 60}
            fill={i % 2 ? '#1d1420' : '#271a24'}
          />
          {Array.from({ length: Math.floor(building.height / 22) * 3 }, (_, k) =>
            scatter(i * 40 + k, 6) > 0.42 ? (
              <rect
                key={k}
                x={building.x + 7 + (k % 3) * 12}
                y={672 - building.height + Math.floor(k / 3) * 22}
                width="6"
                height="10"
                fill={k % 4 ? '#ffd27a' : '#fff4d8'}
              />
            ) : null,
          )}
        </g>
      ))}
    </>
  );
}

function Dark() {
  return (
    <>
      <rect width="1280" height="720" fill="url(#lp-dark)" />
      <ellipse
        cx="640"
        cy="300"
        rx="900"
        ry="110"
        fill="url(#lp-milky)"
        transform="rotate(-32 640 300)"
      />
      <ellipse
        cx="640"
        cy="290"
        rx="620"
        ry="46"
        fill="url(#lp-milky)"
        transform="rotate(-32 640 300)"
      />
      {STARS.map((star, i) => (
        <circle
          key={i}
          cx={star.x}
          cy={star.y}
          r={star.size}
          fill={i % 8 ? '#ffffff' : '#ffd7b0'}
          opacity={0.55 + (i % 4) * 0.15}
        />
      ))}
      <path d="M 0 640 Q 220 560 460 622 T 900 606 T 1280 566 V 720 H 0 Z" fill="#060b16" />
      <path d="M 0 690 Q 320 630 700 676 T 1280 650 V 720 H 0 Z" fill="#02050b" />
    </>
  );
}

export default function NightLightPollution({
  left = 'City centre',
  right = 'Dark reserve',
  visible = { city: 35, dark: 4500 },
  sweepS = 8,
}: NightLightPollutionProps) {
  const [share, setShare] = useState(0.5);
  useEffect(() => {
    const begin = performance.now();
    let frame = requestAnimationFrame(function tick(now) {
      const turn = (Math.max(0, now - begin) / 1000 / sweepS) * 2 * Math.PI;
      setShare(0.5 + 0.34 * Math.sin(turn));
      frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, [sweepS]);

  const edge = share * 1280;
  return (
    <div
      style={{ width: '100%', aspectRatio: '16 / 9', overflow: 'hidden', background: '#02050b' }}
    >
      <svg
        viewBox="0 0 1280 720"
        width="100%"
        height="100%"
        fontFamily="'Helvetica Neue', Arial, sans-serif"
      >
        <defs>
          <linearGradient id="lp-haze" x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="#3a2f45" />
            <stop offset=".6" stopColor="#a35d45" />
            <stop offset="1" stopColor="#ffb35c" />
          </linearGradient>
          <linearGradient id="lp-dark" x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="#02040c" />
            <stop offset="1" stopColor="#12254a" />
          </linearGradient>
          <radialGradient id="lp-milky">
            <stop offset="0" stopColor="#c9c6ff" stopOpacity=".42" />
            <stop offset="1" stopColor="#6b6fd0" stopOpacity="0" />
          </radialGradient>
          <clipPath id="lp-left">
            <rect width={edge} height="720" />
          </clipPath>
        </defs>
        <Dark />
        <g clipPath="url(#lp-left)">
          <City />
        </g>
        <line x1={edge} x2={edge} y1="0" y2="720" stroke="#ffffff" strokeWidth="2.5" />
        <circle cx={edge} cy="360" r="25" fill="#ffffff" />
        <path
          d={`M ${edge - 5} 350 l -9 10 l 9 10 M ${edge + 5} 350 l 9 10 l -9 10`}
          fill="none"
          stroke="#1a2338"
          strokeWidth="3"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
        <g fill="#ffffff" style={{ textShadow: '0 2px 12px #000a' }}>
          <text x="64" y="92" fontSize="22" opacity={Math.min(1, share * 3 - 0.4)}>
            {left}
          </text>
          <text
            x="64"
            y="150"
            fontSize="54"
            fontWeight="700"
            opacity={Math.min(1, share * 3 - 0.4)}
          >{`≈ ${visible.city} stars`}</text>
          <text
            x="1216"
            y="92"
            fontSize="22"
            textAnchor="end"
            opacity={Math.min(1, (1 - share) * 3 - 0.4)}
          >
            {right}
          </text>
          <text
            x="1216"
            y="150"
            fontSize="54"
            fontWeight="700"
            textAnchor="end"
            opacity={Math.min(1, (1 - share) * 3 - 0.4)}
          >{`≈ ${visible.dark.toLocaleString('en-US')} stars`}</text>
        </g>
      </svg>
    </div>
  );
}
