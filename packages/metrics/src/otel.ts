export { metricProducer, type MetricProducerOptions } from './otel/metric-producer.ts';
