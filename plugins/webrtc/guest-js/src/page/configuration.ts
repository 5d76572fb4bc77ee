/** RTCConfiguration (WebRTC 1.0, section 4.2.1). */
import { Certificate } from './certificate';
import { notSupported } from './errors';
import { dictionary, enumeration, inRange, nullableText, sequence, text } from './webidl';

/** Bytes of a user name or a password (RFC 8489, section 14.3). */
const MAX_CREDENTIAL = 509;

/** With nothing left out but what a page may leave out. */
export interface Configuration extends Omit<RTCConfiguration, 'certificates'> {
  readonly bundlePolicy: RTCBundlePolicy;
  readonly certificates?: Certificate[];
  readonly iceCandidatePoolSize: number;
  readonly iceServers: RTCIceServer[];
  readonly iceTransportPolicy: RTCIceTransportPolicy;
  readonly rtcpMuxPolicy: RTCRtcpMuxPolicy;
}

/**
 * Reads a page's configuration. Servers are looked at and not used: host candidates are all there is.
 * Throws as the constructor and `setConfiguration` do.
 */
export function readConfiguration(value: unknown): Configuration {
  const given = dictionary('the configuration', value);
  const choice = <T extends string>(name: string, standard: T, all: readonly T[]): T =>
    given[name] === undefined ? standard : enumeration(name, given[name], all);
  const bundlePolicy = choice('bundlePolicy', 'balanced', ['balanced', 'max-compat', 'max-bundle']);
  const certificates = sequenceOf('certificates', given.certificates).map(readCertificate);
  const poolSize = given.iceCandidatePoolSize;
  const iceCandidatePoolSize =
    poolSize === undefined ? 0 : inRange('iceCandidatePoolSize', poolSize, 255);
  const iceServers = sequenceOf('iceServers', given.iceServers).map(readServer);
  const iceTransportPolicy = choice('iceTransportPolicy', 'all', ['all', 'relay']);
  const rtcpMuxPolicy = choice('rtcpMuxPolicy', 'require', ['require']);
  if (iceTransportPolicy === 'relay') throw notSupported('relays are not used');
  return {
    bundlePolicy,
    ...(certificates.length > 0 ? { certificates } : {}),
    iceCandidatePoolSize,
    iceServers,
    iceTransportPolicy,
    rtcpMuxPolicy,
  };
}

/** What `setConfiguration` may not change (section 4.4.1.6). Throws InvalidModificationError. */
export function checkChange(before: Configuration, after: Configuration, described: boolean): void {
  const pool = before.iceCandidatePoolSize !== after.iceCandidatePoolSize;
  const certificates =
    after.certificates !== undefined &&
    (after.certificates.length !== before.certificates?.length ||
      after.certificates.some((one, index) => one !== before.certificates?.[index]));
  if (before.bundlePolicy !== after.bundlePolicy || (pool && described) || certificates) {
    throw new DOMException('this can no more be changed', 'InvalidModificationError');
  }
}

/** Throws TypeError, or InvalidAccessError for one that is no longer good. */
function readCertificate(value: unknown): Certificate {
  if (!(value instanceof Certificate)) throw new TypeError('this is no certificate');
  if (value.expires <= Date.now()) {
    throw new DOMException('the certificate has expired', 'InvalidAccessError');
  }
  return value;
}

function sequenceOf(name: string, value: unknown): unknown[] {
  return value === undefined ? [] : sequence(name, value);
}

function readServer(value: unknown): RTCIceServer {
  if (value === undefined || value === null) throw new TypeError('a server is not an object');
  const given = dictionary('a server', value);
  if (given.urls === undefined) throw new TypeError('a server has no urls');
  const several = typeof given.urls === 'object' && given.urls !== null;
  const urls = several ? sequence('urls', given.urls).map(text) : [text(given.urls)];
  const username = given.username === undefined ? undefined : text(given.username);
  const credential = given.credential === undefined ? undefined : text(given.credential);
  const credentialType =
    nullableText(given.credentialType) === null
      ? 'password'
      : enumeration('credentialType', given.credentialType, ['password']);
  if (urls.length === 0) throw new DOMException('a server has no urls', 'SyntaxError');
  for (const url of urls) checkUrl(url, username, credential);
  // `credentialType` is no more in the standard, and was for long.
  const server: RTCIceServer & { credentialType: string } = { urls, credentialType };
  if (username !== undefined) server.username = username;
  if (credential !== undefined) server.credential = credential;
  return server;
}

/** RFC 7064 and RFC 7065. */
function checkUrl(url: string, username: string | undefined, credential: string | undefined): void {
  const parts =
    /^(stuns?|turns?):([^/?#@:[\]]+|\[[\da-f:.]+\])(:\d{1,5})?(\?transport=\w+)?$/i.exec(url);
  const scheme = parts?.[1]?.toLowerCase();
  const port = Number(parts?.[3]?.slice(1) ?? 1);
  if (scheme === undefined || port > 65_535 || (scheme.startsWith('stun') && parts?.[4])) {
    throw new DOMException(`'${url}' is no address of a server`, 'SyntaxError');
  }
  if (!scheme.startsWith('turn')) return;
  if (username === undefined || credential === undefined) {
    throw new DOMException(`'${url}' needs a name and a password`, 'InvalidAccessError');
  }
  if (new TextEncoder().encode(username).length > MAX_CREDENTIAL) {
    throw new DOMException('the user name is too long', 'InvalidAccessError');
  }
}
