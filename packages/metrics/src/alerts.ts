export type { Alert, AlertNotification } from './alerts/alert.ts';
export type {
  AlertRule,
  AlertRuleOptions,
  AlertSeverity,
  BurnRateRule,
  BurnWindow,
  ErrorCount,
  MissingData,
  ReadValue,
  ThresholdRule,
  TrendRule,
} from './alerts/alert-rule.ts';
export { PAGE_WINDOWS, TICKET_WINDOWS } from './alerts/conditions/burn-rate.ts';
export { createAlerts, type Alerts } from './alerts/create-alerts.ts';
export { defaultRules, type AlertReadings, type AlertThresholds } from './alerts/default-rules.ts';
export type { SavedAlert } from './alerts/evaluated-rule.ts';
export type { AlertsOptions } from './alerts/options.ts';
export { toPrometheusRules, type PrometheusRulesOptions } from './alerts/prometheus-rules.ts';
export type { AlertStatus, SavedRuleState } from './alerts/rule-state.ts';
export type { AlertSink } from './alerts/sinks/alert-sink.ts';
export { callbackSink } from './alerts/sinks/callback-sink.ts';
export { logSink, type LogLine, type LogSinkOptions } from './alerts/sinks/log-sink.ts';
export type { WebhookOptions } from './alerts/sinks/webhook-options.ts';
export { webhookSink, type WebhookSink } from './alerts/sinks/webhook-sink.ts';
export { SIGNATURE_HEADER, signWebhook, verifyWebhook } from './alerts/sinks/webhook-signature.ts';
export type {
  AlertEvents,
  RuleErrorEvent,
  SinkErrorEvent,
  SuppressedAlert,
} from './alerts/telemetry.ts';
export { AlertDeliveryError } from './errors.ts';
