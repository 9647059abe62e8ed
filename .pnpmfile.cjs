'use strict';

const { readFileSync } = require('node:fs');
const path = require('node:path');

/** Whether the folder holds the headers of exactly the Node that runs this. */
function hasHeadersOfThisNode(prefix) {
  let header;
  try {
    header = readFileSync(path.join(prefix, 'include', 'node', 'node_version.h'), 'utf8');
  } catch {
    return false;
  }
  const version = ['MAJOR', 'MINOR', 'PATCH'].map(
    (part) => new RegExp(`#define NODE_${part}_VERSION (\\d+)`).exec(header)?.[1],
  );
  return version.join('.') === process.versions.node;
}

/**
 * - Native packages are compiled against the headers that came with Node, where they did; otherwise
 *   node-gyp would download them. What the user has configured stays.
 * - turbo sends no telemetry.
 */
function updateConfig(config) {
  const prefix = path.resolve(process.execPath, '..', '..');
  if (config.rawConfig.nodedir === undefined && hasHeadersOfThisNode(prefix)) {
    config.rawConfig.nodedir = prefix;
  }
  config.extraEnv = { TURBO_TELEMETRY_DISABLED: '1', ...config.extraEnv };
  return config;
}

module.exports = { hooks: { updateConfig } };
