import { checkFunction, checkString } from '@perf/core';
import type { AlertNotification } from '../alert.ts';
import type { AlertSink } from './alert-sink.ts';

/**
 * Calls a function with each notification.
 * @throws ConfigError when it is none
 */
export function callbackSink(
  callback: (notification: AlertNotification) => void | Promise<void>,
  name = 'callback',
): AlertSink {
  checkFunction('callbackSink.callback', callback);
  return { name: checkString('callbackSink.name', name), send: callback };
}
