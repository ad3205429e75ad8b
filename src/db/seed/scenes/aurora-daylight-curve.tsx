import { useEffect, useRef } from 'react';

interface Sample {
  hour: number;
  kelvin: number;
}

interface AuroraDaylightCurveProps {
  title?: string;
  samples?: Sample[];
  seconds?: number;
}

const LEFT = 120;
const RIGHT = 1190;
const TOP = 190;
const BOTTOM = 590;

const x = (hour: number) => LEFT + ((RIGHT - LEFT) * hour) / 24;
const y = (kelvin: number) => BOTTOM - ((BOTTOM - TOP) * (kelvin - 1500)) / 5500;

/** Smooth through all samples: each segment's handles are level with its ends. */
function curve(samples: Sample[]): string {
  return samples
    .map(({ hour, kelvin }, i) => {
      const before = samples[i - 1];
      if (!before) return `M ${x(hour)} ${y(kelvin)}`;
      const middle = (x(before.hour) + x(hour)) / 2;
      return `C ${middle} ${y(before.kelvin)} ${middle} ${y(kelvin)} ${x(hour)} ${y(kelvin)}`;
    })
    .join(' ');
}

const DEFAULT_SAMPLES: Sample[] = [
  { hour: 0, kelvin: 1900 },
  { hour: 5, kelvin: 2100 },
  { hour: 9, kelvin: 4600 },
  { hour: 13, kelvin: 6500 },
  { hour: 17, kelvin: 4900 },
  { hour: 21, kelvin: 2300 },
  { hour: 24, kelvin: 1900 },
];

export default function AuroraDaylightCurve({
  title = 'It follows the sun, minute by minute',
  samples = DEFAULT_SAMPLES,
  seconds = 8,
}: AuroraDaylightCurveProps) {
  const line = useRef<SVGPathElement>(null);
  const marker = useRef<SVGGElement>(null);
  const readout = useRef<SVGTextElement>(null);
  const reveal = useRef<SVGRectElement>(null);

  useEffect(() => {
    const path = line.current;
    if (!path) return undefined;
    const begin = performance.now();
    let frame = requestAnimationFrame(function tick(now) {
      const share = Math.max(0, (now - begin) / 1000 / seconds) % 1;
      const eased = share < 0.5 ? 2 * share * share : 1 - 2 * (1 - share) ** 2;
      const point = path.getPointAtLength(path.getTotalLength() * eased);
      const hour = ((point.x - LEFT) / (RIGHT - LEFT)) * 24;
      const kelvin = 1500 + ((BOTTOM - point.y) / (BOTTOM - TOP)) * 5500;
      marker.current?.setAttribute('transform', `translate(${point.x} ${point.y})`);
      reveal.current?.setAttribute('width', String(point.x - LEFT));
      if (readout.current) {
        const clock = `${String(Math.floor(hour)).padStart(2, '0')}:${String(Math.floor((hour % 1) * 60)).padStart(2, '0')}`;
        readout.current.textContent = `${clock}  ${Math.round(kelvin / 50) * 50} K`;
        readout.current.setAttribute(
          'text-anchor',
          hour > 19 ? 'end' : hour < 5 ? 'start' : 'middle',
        );
      }
      frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, [seconds]);

  const path = curve(samples);
  return (
    <div
      style={{ width: '100%', aspectRatio: '16 / 9', background: '#f5efe3', overflow: 'hidden' }}
    >
      <svg
        viewBox="0 0 1280 720"
        width="100%"
        height="100%"
        fontFamily="'Helvetica Neue', Arial, sans-serif"
      >
        <defs>
          <linearGradient id="dc-heat" x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="#5aa9f0" />
            <stop offset=".35" stopColor="#f2c14e" />
            <stop offset="1" stopColor="#e4572e" />
          </linearGradient>
          <linearGradient id="dc-fade" x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="#f2c14e" stopOpacity=".55" />
            <stop offset="1" stopColor="#e4572e" stopOpacity=".04" />
          </linearGradient>
          <clipPath id="dc-past">
            <rect ref={reveal} x={LEFT} y="0" width="0" height="720" />
          </clipPath>
        </defs>
        <text x={LEFT} y="110" fontSize="46" fontFamily="Georgia, serif" fill="#2b2118">
          {title}
        </text>
        {[2000, 3000, 4000, 5000, 6000, 7000].map((kelvin) => (
          <g key={kelvin}>
            <line
              x1={LEFT}
              x2={RIGHT}
              y1={y(kelvin)}
              y2={y(kelvin)}
              stroke="#dfd3bd"
              strokeWidth="1"
            />
            <text x={LEFT - 18} y={y(kelvin) + 5} fontSize="15" textAnchor="end" fill="#9a8a72">
              {kelvin}
            </text>
          </g>
        ))}
        {[0, 6, 12, 18, 24].map((hour) => (
          <text
            key={hour}
            x={x(hour)}
            y={BOTTOM + 42}
            fontSize="16"
            textAnchor="middle"
            fill="#9a8a72"
          >
            {`${hour}:00`}
          </text>
        ))}
        <path
          d={path}
          fill="none"
          stroke="#d8c9ae"
          strokeWidth="3"
          strokeDasharray="2 9"
          strokeLinecap="round"
        />
        <g clipPath="url(#dc-past)">
          <path d={`${path} L ${RIGHT} ${BOTTOM} L ${LEFT} ${BOTTOM} Z`} fill="url(#dc-fade)" />
          <path
            ref={line}
            d={path}
            fill="none"
            stroke="url(#dc-heat)"
            strokeWidth="8"
            strokeLinecap="round"
          />
        </g>
        <g ref={marker} transform={`translate(${LEFT} ${y(1900)})`}>
          <circle r="26" fill="#f2c14e" opacity=".3" />
          <circle r="13" fill="#fffaf0" stroke="#e4572e" strokeWidth="5" />
          <text
            ref={readout}
            y="-44"
            fontSize="25"
            fontWeight="600"
            textAnchor="middle"
            fill="#2b2118"
          />
        </g>
        <text x={LEFT} y="682" fontSize="15" fill="#9a8a72">
          Colour temperature of the light in kelvin, over one day
        </text>
      </svg>
    </div>
  );
}
