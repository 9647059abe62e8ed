/** The formats, those first that tell most. */
export type ExpositionFormat = 'protobuf' | 'openmetrics' | 'text' | 'json';

/** The value of `Content-Type` of each. */
export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  protobuf:
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  text: 'text/plain; version=0.0.4; charset=utf-8',
  json: 'application/json; charset=utf-8',
};

/** Longer headers are no scraper's. */
const MAX_HEADER = 4096;
const FORMATS: readonly ExpositionFormat[] = ['protobuf', 'openmetrics', 'text', 'json'];

interface Range {
  readonly type: string;
  /** Those that matter here, and others. */
  readonly parameters: {
    readonly proto?: string;
    readonly encoding?: string;
    readonly version?: string;
  };
  readonly quality: number;
}

/**
 * The format that an `Accept` header wants most (RFC 9110, 12.5.1); of those wanted alike the one that tells most. The text format when
 * there is no header, or it names none of ours: scrapers and browsers read that.
 */
export function negotiate(accept: string | undefined): ExpositionFormat {
  if (accept === undefined || accept.length > MAX_HEADER) return 'text';
  const ranges = accept.split(',').map(parseRange);
  let best: ExpositionFormat = 'text';
  let quality = 0;
  for (const format of FORMATS) {
    const wanted = Math.max(
      0,
      ...ranges.filter((range) => matches(format, range)).map((range) => range.quality),
    );
    if (wanted > quality) {
      best = format;
      quality = wanted;
    }
  }
  return best;
}

function matches(format: ExpositionFormat, { type, parameters }: Range): boolean {
  const { proto, encoding = 'delimited', version } = parameters;
  if (format === 'json') return type === 'application/json';
  if (format === 'openmetrics') {
    return type === 'application/openmetrics-text' && (version ?? '1.0.0') === '1.0.0';
  }
  if (format === 'text') {
    return ['text/plain', 'text/*', '*/*'].includes(type) && (version ?? '0.0.4') === '0.0.4';
  }
  const isOurs = proto === 'io.prometheus.client.metricfamily' && encoding === 'delimited';
  return type === 'application/vnd.google.protobuf' && isOurs;
}

function parseRange(text: string): Range {
  const [type = '', ...rest] = text
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const parameters: Record<string, string> = {};
  for (const parameter of rest) {
    const [name = '', value = ''] = parameter.split('=');
    parameters[name.trim()] = value.trim().replaceAll('"', '');
  }
  const quality = Number(parameters['q'] ?? 1);
  return { type, parameters, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}
