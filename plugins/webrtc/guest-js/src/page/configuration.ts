/** RTCConfiguration (WebRTC 1.0, section 4.2.1). */
import { notSupported } from './errors';

/** Section 4.4.1.6. Servers are looked at and not used: host candidates are all there is. */
export function readConfiguration(given: RTCConfiguration): RTCConfiguration {
  for (const { urls } of given.iceServers ?? []) {
    for (const url of [urls].flat()) {
      if (!/^(stuns?|turns?):/.test(url)) throw new DOMException(url, 'SyntaxError');
    }
  }
  if (given.iceTransportPolicy === 'relay') throw notSupported('relays are not used');
  if ((given.certificates?.length ?? 0) > 0) throw notSupported('certificates are not taken');
  return {
    bundlePolicy: given.bundlePolicy ?? 'balanced',
    iceCandidatePoolSize: given.iceCandidatePoolSize ?? 0,
    iceServers: structuredClone(given.iceServers ?? []),
    iceTransportPolicy: given.iceTransportPolicy ?? 'all',
    rtcpMuxPolicy: given.rtcpMuxPolicy ?? 'require',
  };
}
