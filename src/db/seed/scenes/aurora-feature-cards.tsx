interface Feature {
  title: string;
  text: string;
  icon: 'sun' | 'wave' | 'leaf';
}

interface AuroraFeatureCardsProps {
  heading?: string;
  features?: Feature[];
  accent?: string;
}

const ICONS: Record<Feature['icon'], string[]> = {
  sun: [
    'M 60 36 a 24 24 0 1 0 .01 0 Z',
    'M 60 8 V 22 M 60 98 V 112 M 8 60 H 22 M 98 60 H 112 M 23 23 L 33 33 M 87 87 L 97 97 M 97 23 L 87 33 M 33 87 L 23 97',
  ],
  wave: [
    'M 8 44 C 26 20 42 20 60 44 S 94 68 112 44',
    'M 8 66 C 26 42 42 42 60 66 S 94 90 112 66',
    'M 8 88 C 26 64 42 64 60 88 S 94 112 112 88',
  ],
  leaf: ['M 22 98 C 12 40 52 14 104 16 C 108 70 76 104 30 92', 'M 16 110 C 36 76 58 56 84 40'],
};

const DEFAULT_FEATURES: Feature[] = [
  {
    icon: 'sun',
    title: 'Wakes you gently',
    text: 'Thirty minutes of rising light, from ember to morning.',
  },
  {
    icon: 'wave',
    title: 'Never flickers',
    text: 'Direct current from plug to diode. Easy on tired eyes.',
  },
  {
    icon: 'leaf',
    title: 'Sips power',
    text: 'Six watts at full glow, and a repairable body for life.',
  },
];

export default function AuroraFeatureCards({
  heading = 'Made for the way you live',
  features = DEFAULT_FEATURES,
  accent = '#2fe0a2',
}: AuroraFeatureCardsProps) {
  return (
    <div
      style={{
        width: '100%',
        aspectRatio: '16 / 9',
        overflow: 'hidden',
        containerType: 'inline-size',
        background: 'radial-gradient(120% 140% at 15% 0%, #1c2a4a 0%, #0c1224 55%, #070a15 100%)',
        color: '#eef2f8',
        fontFamily: '"Helvetica Neue", Arial, sans-serif',
      }}
    >
      <style>{`
        @keyframes fc-in { from { opacity: 0; transform: translateY(8cqw) rotateX(24deg) } to { opacity: 1; transform: none } }
        @keyframes fc-float { 0%, 100% { transform: translateY(0) } 50% { transform: translateY(-1.1cqw) } }
        @keyframes fc-draw { 0% { stroke-dashoffset: 1; opacity: 0 } 3% { opacity: 1 } 26%, 92% { stroke-dashoffset: 0; opacity: 1 } 100% { stroke-dashoffset: 0; opacity: 0 } }
        @keyframes fc-sheen { from { transform: translateX(-120%) skewX(-18deg) } to { transform: translateX(320%) skewX(-18deg) } }
        .fc-card { position: relative; overflow: hidden; flex: 1; padding: 3.4cqw 2.6cqw 4.4cqw; border-radius: 1.8cqw;
          background: linear-gradient(160deg, #ffffff1f, #ffffff08); border: 1px solid #ffffff26;
          animation: fc-in 1s cubic-bezier(.16, 1, .3, 1) both }
        .fc-card::after { content: ''; position: absolute; inset: 0 auto 0 0; width: 34%;
          background: linear-gradient(90deg, #fff0, #ffffff1a, #fff0); animation: fc-sheen 4.5s ease-in-out infinite }
        .fc-float { flex: 1; display: flex; animation: fc-float 5s ease-in-out infinite }
        .fc-icon path { stroke-dasharray: 1; animation: fc-draw 8s cubic-bezier(.65, 0, .35, 1) infinite both }
      `}</style>
      <div style={{ padding: '8cqw 7cqw 0', perspective: '90cqw' }}>
        <div style={{ font: '400 4.2cqw/1.1 Georgia, serif', marginBottom: '4.4cqw' }}>
          {heading}
          <span style={{ color: accent }}>.</span>
        </div>
        <div style={{ display: 'flex', gap: '2.2cqw' }}>
          {features.map((feature, i) => (
            <div
              key={feature.title}
              className="fc-float"
              style={{ animationDelay: `${-i * 1.4}s` }}
            >
              <div className="fc-card" style={{ animationDelay: `${0.15 + i * 0.18}s` }}>
                <svg
                  className="fc-icon"
                  viewBox="0 0 120 120"
                  style={{ width: '8cqw', display: 'block' }}
                >
                  {ICONS[feature.icon].map((path, stroke) => (
                    <path
                      key={path}
                      d={path}
                      pathLength="1"
                      fill="none"
                      stroke={accent}
                      strokeWidth="5"
                      strokeLinecap="round"
                      strokeLinejoin="round"
                      style={{ animationDelay: `${i * 0.25 + stroke * 0.2}s` }}
                    />
                  ))}
                </svg>
                <div style={{ fontWeight: 600, fontSize: '2.05cqw', margin: '2.6cqw 0 1cqw' }}>
                  {feature.title}
                </div>
                <div style={{ fontSize: '1.65cqw', lineHeight: 1.5, color: '#a9b6cc' }}>
                  {feature.text}
                </div>
              </div>
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
