/**
 * The Prometheus text format, version 0.0.4: figures about the box as a whole.
 * Owns the writing; which figures there are is the box's matter. Labels never hold a domain name or a device.
 */
import { withoutControls } from '../../policy-rules/show-text.ts';

export interface MetricFamily {
  /** "stairgate_queries_total". */
  name: string;
  help: string;
  type: 'counter' | 'gauge';
  samples: readonly MetricSample[];
}

export interface MetricSample {
  labels?: Readonly<Record<string, string>>;
  value: number;
}

/** The Content-Type that goes with formatMetrics. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Throws a RangeError on a family or label name that the format does not know, and on a family given twice. */
export function formatMetrics(families: readonly MetricFamily[]): string {
  const seen = new Set<string>();
  return families
    .map((family) => {
      if (!METRIC_NAME.test(family.name) || seen.has(family.name)) {
        throw new RangeError(
          `cannot write metric ${JSON.stringify(family.name)}: expected a name of its own, as [a-zA-Z_:][a-zA-Z0-9_:]*`,
        );
      }
      seen.add(family.name);
      const lines = [`# HELP ${family.name} ${escapeHelp(family.help)}`, `# TYPE ${family.name} ${family.type}`];
      for (const sample of family.samples)
        lines.push(`${family.name}${formatLabels(sample.labels)} ${formatValue(sample.value)}`);
      return `${lines.join('\n')}\n`;
    })
    .join('');
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

function formatLabels(labels: MetricSample['labels']): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => {
    if (!LABEL_NAME.test(name)) {
      throw new RangeError(`cannot write metric label ${JSON.stringify(name)}: expected [a-zA-Z_][a-zA-Z0-9_]*`);
    }
    return `${name}="${escapeLabel(value)}"`;
  });
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Help text knows two escapes, label values three. */
function escapeHelp(text: string): string {
  return withoutControls(text).replaceAll('\r', '\ufffd').replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
