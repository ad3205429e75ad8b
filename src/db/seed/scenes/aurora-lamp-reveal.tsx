import { useEffect, useState } from 'react';

interface AuroraLampRevealProps {
  headline?: string;
  detail?: string;
  /** Colours of the light over one day: morning, noon, evening. */
  light?: [string, string, string];
  /** Seconds for one day. */
  dayS?: number;
}

function useLoop(seconds: number): number {
  const [share, setShare] = useState(0);
  useEffect(() => {
    const begin = performance.now();
    let frame = requestAnimationFrame(function tick(now) {
      setShare(Math.max(0, (now - begin) / 1000 / seconds) % 1);
      frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, [seconds]);
  return share;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
}

/** Between neighbouring colours of a ring, so that evening leads back to morning. */
function mix(colours: string[], share: number): string {
  const place = share * colours.length;
  const from = channels(colours[Math.floor(place) % colours.length] ?? '#ffffff');
  const to = channels(colours[(Math.floor(place) + 1) % colours.length] ?? '#ffffff');
  const part = place % 1;
  return `rgb(${from.map((value, i) => Math.round(value + ((to[i] ?? 0) - value) * part)).join(' ')})`;
}

export default function AuroraLampReveal({
  headline = 'One ring.\nEvery hour of light.',
  detail = 'Warm at dawn, clear at noon, amber when the day is done.',
  light = ['#ffb86b', '#f4f8ff', '#ff7a4d'],
  dayS = 9,
}: AuroraLampRevealProps) {
  const day = useLoop(dayS);
  const colour = mix(light, day);
  const glow = 0.72 + 0.28 * Math.sin(day * Math.PI * 2 - Math.PI / 2);
  const angle = day * 360 - 90;
  return (
    <div
      style={{ width: '100%', aspectRatio: '16 / 9', overflow: 'hidden', background: '#14110f' }}
    >
      <style>{`
        @keyframes lr-up { from { opacity: 0; transform: translateY(36px) } to { opacity: 1; transform: none } }
        .lr-up { animation: lr-up 1.2s cubic-bezier(.16, 1, .3, 1) both }
      `}</style>
      <svg viewBox="0 0 1280 720" width="100%" height="100%">
        <defs>
          <radialGradient id="lr-halo">
            <stop offset=".1" stopColor={colour} stopOpacity=".75" />
            <stop offset=".45" stopColor={colour} stopOpacity=".2" />
            <stop offset="1" stopColor={colour} stopOpacity="0" />
          </radialGradient>
          <linearGradient id="lr-table" x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="#3a2a20" />
            <stop offset="1" stopColor="#14100d" />
          </linearGradient>
          <linearGradient id="lr-brass" x1="0" y1="0" x2="1" y2="0">
            <stop offset="0" stopColor="#5c4529" />
            <stop offset=".45" stopColor="#e2bf83" />
            <stop offset="1" stopColor="#4a3720" />
          </linearGradient>
          <filter id="lr-soft" x="-50%" y="-50%" width="200%" height="200%">
            <feGaussianBlur stdDeviation="9" />
          </filter>
        </defs>
        <rect width="1280" height="720" fill="#1b1714" />
        <circle cx="860" cy="318" r={470 * glow + 60} fill="url(#lr-halo)" />
        <rect y="604" width="1280" height="116" fill="url(#lr-table)" />
        <ellipse cx="860" cy="616" rx={300 * glow} ry="20" fill={colour} opacity={0.32 * glow} />
        <ellipse cx="860" cy="612" rx="104" ry="13" fill="#0c0907" />
        <path d="M 786 606 Q 860 578 934 606 Q 860 620 786 606 Z" fill="url(#lr-brass)" />
        <rect x="853" y="486" width="14" height="106" fill="url(#lr-brass)" />
        <circle cx="860" cy="318" r="172" fill="none" stroke="#33271c" strokeWidth="30" />
        <circle
          cx="860"
          cy="318"
          r="172"
          fill="none"
          stroke={colour}
          strokeWidth="26"
          opacity={glow}
          filter="url(#lr-soft)"
        />
        <circle cx="860" cy="318" r="172" fill="none" stroke={colour} strokeWidth="13" />
        <circle
          cx="860"
          cy="318"
          r="172"
          fill="none"
          stroke="#ffffff"
          strokeWidth="4"
          opacity=".75"
        />
        {Array.from({ length: 24 }, (_, hour) => (
          <line
            key={hour}
            x1="860"
            y1={hour % 6 === 0 ? 186 : 180}
            x2="860"
            y2="174"
            stroke="#f4e6cf"
            strokeWidth={hour % 6 === 0 ? 3 : 1.5}
            opacity={hour / 24 <= day ? 0.95 : 0.25}
            transform={`rotate(${hour * 15} 860 318)`}
          />
        ))}
        <g transform={`rotate(${angle} 860 318)`}>
          <circle cx="990" cy="318" r="7" fill="#ffffff" />
        </g>
        <text
          x="860"
          y="334"
          fontSize="46"
          textAnchor="middle"
          fill="#fdf4e3"
          fontFamily="Georgia, serif"
        >
          {`${String(Math.floor(day * 24)).padStart(2, '0')}:${String(Math.floor(((day * 24) % 1) * 6) * 10).padStart(2, '0')}`}
        </text>
        {headline.split('\n').map((line, i) => (
          <text
            key={line}
            className="lr-up"
            x="96"
            y={298 + i * 72}
            fontSize="58"
            fontFamily="Georgia, serif"
            fill="#fbf1e1"
            style={{ animationDelay: `${0.2 + i * 0.2}s` }}
          >
            {line}
          </text>
        ))}
        <foreignObject x="96" y="402" width="400" height="140">
          <p
            className="lr-up"
            style={{
              margin: 0,
              font: '22px/1.5 "Helvetica Neue", Arial, sans-serif',
              color: '#c9b9a3',
              animationDelay: '.8s',
            }}
          >
            {detail}
          </p>
        </foreignObject>
      </svg>
    </div>
  );
}
