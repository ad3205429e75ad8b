interface AuroraTestimonialProps {
  quote?: string;
  author?: string;
  role?: string;
  background?: string;
  ink?: string;
  highlight?: string;
}

export default function AuroraTestimonial({
  quote = 'I stopped setting an alarm in March. The room simply turns into morning, and so do I.',
  author = 'Maren Lindqvist',
  role = 'Nurse, night shift, Tromsø',
  background = '#ff6b4a',
  ink = '#2a0d08',
  highlight = '#ffe9c7',
}: AuroraTestimonialProps) {
  const words = quote.split(/\s+/);
  const seconds = Math.max(5, words.length * 0.36 + 2);
  return (
    <div
      style={{
        position: 'relative',
        width: '100%',
        aspectRatio: '16 / 9',
        overflow: 'hidden',
        containerType: 'inline-size',
        background,
        color: ink,
      }}
    >
      <style>{`
        @keyframes tm-light { 0%, 6% { color: ${ink}55 } 12%, 82% { color: ${highlight} } 96%, 100% { color: ${ink}55 } }
        @keyframes tm-turn { to { transform: rotate(1turn) } }
        @keyframes tm-pulse { 0%, 100% { transform: scale(1) } 50% { transform: scale(1.09) } }
        .tm-word { animation: tm-light ${seconds}s linear infinite both }
        .tm-rays { animation: tm-turn 60s linear infinite; transform-origin: 300px 300px }
        .tm-sun { animation: tm-pulse 4s ease-in-out infinite; transform-origin: 300px 300px }
      `}</style>
      <svg
        viewBox="0 0 600 600"
        style={{
          position: 'absolute',
          width: '64cqw',
          right: '-17cqw',
          bottom: '-31cqw',
          overflow: 'visible',
        }}
        aria-hidden
      >
        <g className="tm-rays" fill={highlight} opacity=".1">
          {Array.from({ length: 24 }, (_, i) => (
            <path
              key={i}
              d="M 300 300 L 276 -500 L 324 -500 Z"
              transform={`rotate(${i * 15} 300 300)`}
            />
          ))}
        </g>
        <g className="tm-sun">
          <circle cx="300" cy="300" r="176" fill={highlight} opacity=".2" />
          <circle cx="300" cy="300" r="138" fill={highlight} opacity=".35" />
          <circle cx="300" cy="300" r="102" fill={highlight} />
        </g>
      </svg>
      <div style={{ position: 'relative', padding: '6.4cqw 24cqw 0 7.5cqw' }}>
        <div
          style={{ font: '400 13cqw/.7 Georgia, serif', height: '5.6cqw', marginLeft: '-.6cqw' }}
        >
          “
        </div>
        <blockquote style={{ margin: 0, font: '400 4.1cqw/1.28 Georgia, serif' }}>
          {words.map((word, i) => (
            <span key={i} className="tm-word" style={{ animationDelay: `${i * 0.3}s` }}>
              {word}{' '}
            </span>
          ))}
        </blockquote>
        <div
          style={{
            marginTop: '3.4cqw',
            font: '600 1.75cqw/1.5 "Helvetica Neue", Arial, sans-serif',
          }}
        >
          {author}
          <div style={{ fontWeight: 400, opacity: 0.72 }}>{role}</div>
        </div>
      </div>
    </div>
  );
}
