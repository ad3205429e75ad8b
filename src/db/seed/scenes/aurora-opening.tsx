import { useId } from 'react';

interface AuroraOpeningProps {
  product?: string;
  tagline?: string;
  edition?: string;
  /** Colours of the curtains of light, from the back to the front. */
  curtains?: string[];
}

/** A band of light: waves along its lower edge, rays that fade upwards. */
function curtain(index: number): string {
  const base = 250 + index * 58;
  const lower = Array.from({ length: 10 }, (_, i) => {
    const y = base + Math.sin(i * 1.15 + index * 2.3) * 62;
    return `${-360 + i * 220} ${y.toFixed(1)}`;
  });
  const [first, ...rest] = lower;
  const edge = rest.map((point) => `T ${point}`).join(' ');
  return `M -360 ${base - 330} L ${first} ${edge} L 1620 ${base - 330} Z`;
}

const STARS = Array.from({ length: 110 }, (_, i) => ({
  x: (i * 487.3) % 1280,
  y: (i * 173.9 + i * i * 0.61) % 420,
  r: 0.5 + ((i * 17) % 8) * 0.15,
}));

export default function AuroraOpening({
  product = 'Aurora',
  tagline = 'The lamp that knows what time it is',
  edition = 'Product launch 2026',
  curtains = ['#6a3df5', '#12b5d6', '#1fe29b', '#a6ff8a'],
}: AuroraOpeningProps) {
  const id = useId();
  return (
    <div
      style={{
        position: 'relative',
        width: '100%',
        aspectRatio: '16 / 9',
        overflow: 'hidden',
        containerType: 'inline-size',
        background: 'linear-gradient(#050817, #08112b 55%, #03050c)',
        color: '#f6f3e8',
        textAlign: 'center',
      }}
    >
      <style>{`
        @keyframes ao-drift { from { transform: translateX(-190px) skewX(-9deg) } to { transform: translateX(190px) skewX(11deg) } }
        @keyframes ao-breathe { 0%, 100% { opacity: .3 } 50% { opacity: .95 } }
        @keyframes ao-rise { from { opacity: 0; transform: translateY(5cqw) rotate(5deg) } to { opacity: 1; transform: none } }
        @keyframes ao-fade { from { opacity: 0; letter-spacing: .6em } to { opacity: 1 } }
        .ao-drift { animation: ao-drift ease-in-out infinite alternate }
        .ao-curtain { mix-blend-mode: screen; animation: ao-breathe ease-in-out infinite }
        .ao-letter { display: inline-block; animation: ao-rise 1.2s cubic-bezier(.16, 1, .3, 1) both }
        .ao-fade { animation: ao-fade 1.6s cubic-bezier(.16, 1, .3, 1) both; white-space: nowrap }
      `}</style>
      <svg
        viewBox="0 0 1280 720"
        preserveAspectRatio="xMidYMid slice"
        style={{ position: 'absolute', inset: 0, width: '100%', height: '100%' }}
        aria-hidden
      >
        <defs>
          {curtains.map((colour, i) => (
            <linearGradient key={colour} id={`${id}-${i}`} x1="0" y1="0" x2="0" y2="1">
              <stop offset=".12" stopColor={colour} stopOpacity="0" />
              <stop offset=".62" stopColor={colour} stopOpacity=".42" />
              <stop offset=".86" stopColor={colour} stopOpacity=".95" />
              <stop offset="1" stopColor={colour} stopOpacity=".1" />
            </linearGradient>
          ))}
          <linearGradient id={`${id}-ground`} x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="#03050c" stopOpacity="0" />
            <stop offset=".7" stopColor="#03050c" />
          </linearGradient>
          <filter id={`${id}-soft`} x="-10%" y="-20%" width="120%" height="140%">
            <feGaussianBlur stdDeviation="9 16" />
          </filter>
        </defs>
        {STARS.map((star, i) => (
          <circle
            key={i}
            cx={star.x}
            cy={star.y}
            r={star.r}
            fill="#fff"
            opacity={0.3 + (i % 4) * 0.2}
          />
        ))}
        <g filter={`url(#${id}-soft)`}>
          {curtains.map((colour, i) => (
            <g key={colour} className="ao-drift" style={{ animationDuration: `${9 + i * 2.5}s` }}>
              <path
                className="ao-curtain"
                d={curtain(i)}
                fill={`url(#${id}-${i})`}
                style={{ animationDuration: `${5 + i * 1.7}s`, animationDelay: `${-i * 2.3 - 2}s` }}
              />
            </g>
          ))}
        </g>
        <rect y="360" width="1280" height="360" fill={`url(#${id}-ground)`} />
      </svg>
      <div style={{ position: 'absolute', inset: 'auto 0 7.4cqw' }}>
        <div
          style={{ font: '400 14cqw/1 Georgia, "Times New Roman", serif', letterSpacing: '.01em' }}
        >
          {Array.from(product, (letter, i) => (
            <span key={i} className="ao-letter" style={{ animationDelay: `${0.3 + i * 0.11}s` }}>
              {letter}
            </span>
          ))}
        </div>
        <div
          className="ao-fade"
          style={{
            font: '400 2.1cqw/1.4 "Helvetica Neue", Arial, sans-serif',
            color: '#cfd8e3',
            margin: '1.6cqw 0 2.6cqw',
            animationDelay: '1.3s',
          }}
        >
          {tagline}
        </div>
        <div
          className="ao-fade"
          style={{
            font: '600 1.15cqw/1 "Helvetica Neue", Arial, sans-serif',
            letterSpacing: '.32em',
            textTransform: 'uppercase',
            color: '#7fe6bd',
            animationDelay: '1.8s',
          }}
        >
          {edition}
        </div>
      </div>
    </div>
  );
}
