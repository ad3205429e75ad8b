import { useEffect, useState } from 'react';

interface AuroraCountdownProps {
  lead?: string;
  /** Where the count begins, in seconds; it starts again at zero. */
  fromS?: number;
  price?: string;
  action?: string;
  colours?: [string, string];
}

function useSecondsLeft(fromS: number): { whole: number; part: number } {
  const [elapsed, setElapsed] = useState(0);
  useEffect(() => {
    const begin = performance.now();
    let frame = requestAnimationFrame(function tick(now) {
      setElapsed(Math.max(0, now - begin) / 1000);
      frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, []);
  const left = fromS - (elapsed % fromS);
  return { whole: Math.ceil(left), part: Math.ceil(left) - left };
}

interface FlapProps {
  digit: string;
  next: string;
  /** 0 at rest, towards 1 while the upper half falls. */
  turn: number;
}

function Half({ digit, lower }: { digit: string; lower: boolean }) {
  return (
    <div
      style={{
        position: 'absolute',
        inset: lower ? '50% 0 0' : '0 0 50%',
        overflow: 'hidden',
        background: lower ? '#1d1b2e' : '#252239',
        borderRadius: lower ? '0 0 1cqw 1cqw' : '1cqw 1cqw 0 0',
      }}
    >
      <div
        style={{
          position: 'absolute',
          left: 0,
          right: 0,
          top: lower ? '-100%' : 0,
          height: '200%',
          display: 'grid',
          placeItems: 'center',
        }}
      >
        {digit}
      </div>
    </div>
  );
}

function Flap({ digit, next, turn }: FlapProps) {
  const falling = turn < 0.5;
  return (
    <div style={{ position: 'relative', width: '9.4cqw', height: '13.4cqw', perspective: '40cqw' }}>
      <Half digit={next} lower={false} />
      <Half digit={digit} lower />
      <div
        style={{
          position: 'absolute',
          inset: 0,
          transform: `rotateX(${falling ? -turn * 180 : (1 - turn) * 180}deg)`,
          filter: `brightness(${1 - 0.4 * Math.sin(turn * Math.PI)})`,
        }}
      >
        <Half digit={falling ? digit : next} lower={!falling} />
      </div>
      <div
        style={{
          position: 'absolute',
          inset: 'calc(50% - .1cqw) 0 auto',
          height: '.2cqw',
          background: '#0d0b18',
        }}
      />
    </div>
  );
}

const clock = (seconds: number) =>
  [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join('');

export default function AuroraCountdown({
  lead = 'Orders open in',
  fromS = 3 * 3600 + 25 * 60 + 8,
  price = '€ 189',
  action = 'Reserve yours at aurora.example',
  colours = ['#5b3df5', '#2fe0a2'],
}: AuroraCountdownProps) {
  const { whole, part } = useSecondsLeft(fromS);
  const now = clock(whole);
  const next = clock(whole - 1);
  const turn = Math.max(0, (part - 0.55) / 0.45);
  return (
    <div
      style={{
        width: '100%',
        aspectRatio: '16 / 9',
        overflow: 'hidden',
        containerType: 'inline-size',
        background: '#0d0b18',
        color: '#f3f0ff',
        fontFamily: '"Helvetica Neue", Arial, sans-serif',
      }}
    >
      <style>{`
        @keyframes cd-slide { to { background-position: 200% 0 } }
        .cd-bar { background: linear-gradient(90deg, ${colours[0]}, ${colours[1]}, ${colours[0]}) 0 0 / 200% 100%; animation: cd-slide 4s linear infinite }
      `}</style>
      <div
        style={{
          height: '100%',
          display: 'flex',
          flexDirection: 'column',
          alignItems: 'center',
          justifyContent: 'center',
          gap: '3.2cqw',
        }}
      >
        <div
          style={{
            fontSize: '2cqw',
            letterSpacing: '.3em',
            textTransform: 'uppercase',
            color: '#a89fd6',
          }}
        >
          {lead}
        </div>
        <div
          style={{
            display: 'flex',
            gap: '.9cqw',
            fontSize: '9.6cqw',
            lineHeight: 1,
            fontWeight: 700,
          }}
        >
          {Array.from(now, (digit, i) => (
            <div key={i} style={{ marginLeft: i > 0 && i % 2 === 0 ? '2.4cqw' : 0 }}>
              <Flap digit={digit} next={next[i] ?? digit} turn={digit === next[i] ? 0 : turn} />
            </div>
          ))}
        </div>
        <div className="cd-bar" style={{ width: '66cqw', height: '.4cqw', borderRadius: '1cqw' }} />
        <div style={{ display: 'flex', alignItems: 'baseline', gap: '2cqw', fontSize: '2.2cqw' }}>
          <span style={{ font: '400 4cqw/1 Georgia, serif', color: colours[1] }}>{price}</span>
          <span>{action}</span>
        </div>
      </div>
    </div>
  );
}
