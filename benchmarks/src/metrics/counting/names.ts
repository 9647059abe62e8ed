export const BOUND = 'bound counter';
export const LABELLED = 'counter with two labels';
export const OBSERVE = 'histogram';
export const OBSERVE_LABELLED = 'histogram with two labels';

export const OURS = 'ours';
export const PROM_CLIENT = 'prom-client';
export const CONTROL = 'prom-client (control)';
export const OPENTELEMETRY = 'OpenTelemetry';
export const HDR = 'hdr-histogram-js';
