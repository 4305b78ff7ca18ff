import { describe, expect, it } from 'vitest';
import { formatMetrics, type MetricFamily } from '../../../filter-agent/control/metrics.ts';

const family: MetricFamily = {
  name: 'stairgate_queries_total',
  help: 'Queries received.',
  type: 'counter',
  samples: [],
};

describe('formatMetrics', () => {
  it('writes help, type and samples of each family together, with a line feed at the end', () => {
    const text = formatMetrics([
      { ...family, samples: [{ value: 12 }] },
      {
        name: 'stairgate_upstream_healthy',
        help: '1 while the upstream answers.',
        type: 'gauge',
        samples: [
          { labels: { upstream: '1', protocol: 'udp' }, value: 1 },
          { labels: { upstream: '2' }, value: 0 },
        ],
      },
    ]);
    expect(text).toBe(
      [
        '# HELP stairgate_queries_total Queries received.',
        '# TYPE stairgate_queries_total counter',
        'stairgate_queries_total 12',
        '# HELP stairgate_upstream_healthy 1 while the upstream answers.',
        '# TYPE stairgate_upstream_healthy gauge',
        'stairgate_upstream_healthy{upstream="1",protocol="udp"} 1',
        'stairgate_upstream_healthy{upstream="2"} 0',
        '',
      ].join('\n'),
    );
  });

  it('escapes what would end a line or a label', () => {
    const text = formatMetrics([
      { ...family, help: 'a\\b\n"c"', samples: [{ labels: { list: 'x"} 1\n\\' }, value: 1 }] },
    ]);
    expect(text.split('\n')).toEqual([
      '# HELP stairgate_queries_total a\\\\b\\n"c"',
      '# TYPE stairgate_queries_total counter',
      'stairgate_queries_total{list="x\\"} 1\\n\\\\"} 1',
      '',
    ]);
  });

  it('lets no control character of a label or a help text reach a terminal', () => {
    const text = formatMetrics([
      { ...family, help: 'a\rb', samples: [{ labels: { list: '\u001b[2J\r\u202e' }, value: 1 }] },
    ]);
    expect(text.split('\n')).toHaveLength(4);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  });

  it.each([
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [1.5e300, '1.5e+300'],
    [0.25, '0.25'],
  ])('writes %d as %s', (value, expected) => {
    expect(formatMetrics([{ ...family, samples: [{ value }] }]).split('\n')[2]).toBe(
      `stairgate_queries_total ${expected}`,
    );
  });

  it.each<[string, MetricFamily[]]>([
    ['a family name with a hyphen', [{ ...family, name: 'stairgate-queries' }]],
    ['a family given twice', [family, family]],
    ['a label name with a dot', [{ ...family, samples: [{ labels: { 'a.b': '1' }, value: 1 }] }]],
  ])('refuses %s', (_, families) => {
    expect(() => formatMetrics(families)).toThrow(RangeError);
  });

  it('writes nothing for nothing', () => {
    expect(formatMetrics([])).toBe('');
  });
});
