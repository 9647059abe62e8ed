export { describeFormatVersions, type FormatVersionsOptions } from './describe-format-versions.ts';
export { inNewerFormat } from './in-newer-format.ts';
