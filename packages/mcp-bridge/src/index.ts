export { runStdioBridge, type StdioBridgeOptions } from './run-stdio-bridge.ts';
