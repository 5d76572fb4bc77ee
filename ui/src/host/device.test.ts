import { expect, test } from 'vitest';

import { isLoopback } from './choose';
import { deviceKind, type DeviceHints } from './device';

const DESKTOP: DeviceHints = {
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36',
  platform: 'Linux x86_64',
  maxTouchPoints: 0,
};

test.each<[string, Partial<DeviceHints>, string]>([
  ['a desktop', {}, 'desktop'],
  ['a laptop with a touch screen', { maxTouchPoints: 10 }, 'desktop'],
  ['an Android phone', { userAgentData: { mobile: true, platform: 'Android' } }, 'phone'],
  ['an Android tablet', { userAgentData: { mobile: false, platform: 'Android' } }, 'tablet'],
  [
    'Firefox on an Android phone',
    { userAgent: 'Mozilla/5.0 (Android 15; Mobile; rv:153.0) Gecko/153.0 Firefox/153.0' },
    'phone',
  ],
  ['an iPhone', { userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)' }, 'phone'],
  ['an iPad', { platform: 'MacIntel', maxTouchPoints: 5 }, 'tablet'],
  [
    'a Mac',
    { platform: 'MacIntel', userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X)' },
    'desktop',
  ],
  ['something else', { userAgent: 'curl/8', platform: '' }, 'unknown'],
])('%s', (_name, hints, kind) => {
  expect(deviceKind({ ...DESKTOP, ...hints })).toBe(kind);
});

test.each([
  ['localhost', true],
  ['lanline.localhost', true],
  ['127.0.0.1', true],
  ['[::1]', true],
  ['192.168.1.7', false],
  ['127.0.0.1.example.org', false],
  ['localhost.example.org', false],
])('%s is loopback: %s', (hostname, loopback) => {
  expect(isLoopback(hostname)).toBe(loopback);
});
