/** Exceptions of the standard's names. */
import type { Failure } from '../shared/bridge';
import { RtcError } from './rtc-error';

/** `InvalidStateError`. */
export function invalidState(message: string): DOMException {
  return new DOMException(message, 'InvalidStateError');
}

/** What isn't there says so. */
export function notSupported(message: string): DOMException {
  return new DOMException(message, 'NotSupportedError');
}

/** What Rust has told, or the command that opens a connection. */
export function fromFailure(failure: unknown): Error {
  if (failure instanceof Error) return failure;
  const { name, message } = readFailure(failure);
  if (name === 'TypeError') return new TypeError(message);
  if (name === 'SyntaxError' || name === 'RTCError') {
    return new RtcError({ errorDetail: 'sdp-syntax-error' }, message);
  }
  return new DOMException(message, name);
}

function readFailure(failure: unknown): Failure {
  if (typeof failure === 'object' && failure !== null && 'name' in failure) {
    const message = 'message' in failure ? String(failure.message) : '';
    return { name: String(failure.name), message };
  }
  return { name: 'OperationError', message: String(failure) };
}
