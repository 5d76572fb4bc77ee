import { expect, test } from 'vitest';
import { Certificate, generateCertificate, idOf } from './certificate';
import { checkChange, readConfiguration } from './configuration';
import { PERMIT } from './webidl';

const generate = () => Promise.resolve({ id: 'abc', fingerprint: 'AA:BB' });
const ECDSA = { name: 'ecdsa', namedCurve: 'P-256' };

test('a certificate tells its fingerprint, and until when it is good', async () => {
  const certificate = await generateCertificate({ ...ECDSA, expires: 60_000 }, generate);
  expect([idOf(certificate), certificate.getFingerprints()]).toEqual([
    'abc',
    [{ algorithm: 'sha-256', value: 'aa:bb' }],
  ]);
  const left = certificate.expires - Date.now();
  expect(left > 0 && left <= 60_000).toBe(true);
});

test.each([
  ['RSASSA-PKCS1-v1_5', 'NotSupportedError'],
  [{ ...ECDSA, namedCurve: 'P-384' }, 'NotSupportedError'],
  [{ ...ECDSA, expires: -1 }, 'TypeError'],
  [{}, 'TypeError'],
])('%j is refused with %s', async (algorithm, name) => {
  await expect(generateCertificate(algorithm, generate)).rejects.toMatchObject({ name });
});

test('a configuration takes one that is good, and keeps it', () => {
  const made = (expires: number) =>
    new Certificate(PERMIT, { id: String(expires), fingerprint: '' }, expires);
  const [good, other, old] = [made(Date.now() + 9_000), made(Date.now() + 8_000), made(1)];
  const before = readConfiguration({ certificates: [good] });
  expect(before.certificates).toEqual([good]);
  expect(() => readConfiguration({ certificates: [old] })).toThrow(
    expect.objectContaining({ name: 'InvalidAccessError' }),
  );
  expect(() => {
    checkChange(before, readConfiguration({ certificates: [other] }), false);
  }).toThrow(expect.objectContaining({ name: 'InvalidModificationError' }));
  checkChange(before, readConfiguration({ certificates: [good] }), false);
  checkChange(before, readConfiguration({}), false);
});
