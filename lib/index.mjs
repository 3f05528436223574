// @ts-check
import bridge from './bridge.js';
import errors from './errors.js';

export const { FluoriteBridge } = bridge;
export const { FluoriteError } = errors;
