/** RTCCertificate (WebRTC 1.0, section 4.9). */
import { notSupported } from './errors';
import { dictionary, inRange, mustBePermitted, PERMIT, text } from './webidl';

/** Milliseconds that one is good for: those of Chromium, and at most a year (section 4.9.1). */
const LIFETIME = 30 * 24 * 3_600_000;
const MAX_LIFETIME = 365 * 24 * 3_600_000;

/** What Rust has made. */
export interface Generated {
  readonly id: string;
  /** SHA-256. */
  readonly fingerprint: string;
}

/** The name that Rust knows it by. */
export let idOf: (certificate: Certificate) => string;

export class Certificate {
  readonly #generated: Generated;
  readonly #expires: number;

  static {
    idOf = (certificate) => certificate.#generated.id;
  }

  constructor(permit: typeof PERMIT, generated: Generated, expires: number) {
    mustBePermitted(permit);
    this.#generated = generated;
    this.#expires = expires;
  }

  get expires(): number {
    return this.#expires;
  }

  getFingerprints(): RTCDtlsFingerprint[] {
    return [{ algorithm: 'sha-256', value: this.#generated.fingerprint.toLowerCase() }];
  }
}

/** Rejects with NotSupportedError for all but ECDSA with P-256, and TypeError. */
export async function generateCertificate(
  algorithm: unknown,
  generate: () => Promise<Generated>,
): Promise<Certificate> {
  const named = typeof algorithm === 'object' || typeof algorithm === 'function';
  const given = named ? dictionary('the algorithm', algorithm) : { name: text(algorithm) };
  const expires =
    given.expires === undefined
      ? LIFETIME
      : Math.min(MAX_LIFETIME, inRange('expires', given.expires, Number.MAX_SAFE_INTEGER));
  if (given.name === undefined) throw new TypeError('an algorithm has a name');
  const name = text(given.name).toUpperCase();
  if (name !== 'ECDSA' || given.namedCurve !== 'P-256') {
    throw notSupported('only certificates of ECDSA with P-256 are made');
  }
  const until = Date.now() + expires;
  return new Certificate(PERMIT, await generate(), until);
}
