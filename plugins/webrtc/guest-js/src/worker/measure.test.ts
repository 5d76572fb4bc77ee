import { expect, it } from 'vitest';

import { Limitations } from './measure';

it('counts how long pictures were limited, and by what', () => {
  const limitations = new Limitations();
  limitations.are(1_000, { limitation: 'none', reduction: 1 });
  limitations.are(3_000, { limitation: 'cpu', reduction: 2 });
  limitations.are(4_000, { limitation: 'cpu', reduction: 2 });
  limitations.are(4_500, { limitation: 'bandwidth', reduction: 2 });
  expect(limitations.seconds(5_000)).toEqual({ none: 2, cpu: 1.5, bandwidth: 0.5, other: 0 });
  expect(limitations.changes).toBe(1);
});

it('counts no time in which there were no pictures', () => {
  const limitations = new Limitations();
  expect(limitations.seconds(9_000)).toEqual({ none: 0, cpu: 0, bandwidth: 0, other: 0 });
  limitations.are(10_000, { limitation: 'none', reduction: 1 });
  limitations.pause(11_000);
  limitations.are(60_000, { limitation: 'none', reduction: 2 });
  expect(limitations.seconds(61_000)).toMatchObject({ none: 2 });
  expect(limitations.changes).toBe(0);
});
