import fc from 'fast-check';
import { admitStart, HEADROOM } from './admission.ts';
import { DomainError } from './errors.ts';

describe('admission of starts', () => {
  it('never lets a burst eat into the headroom', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 512, max: 65_536 }),
        fc.float({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.integer({ min: 64, max: 8_192 }), { maxLength: 200 }),
        (totalMb, share, limits) => {
          const host = { totalMb, availableMb: totalMb * share };
          let reserved = 0;
          for (const limit of limits) {
            try {
              reserved += admitStart(host, reserved, limit);
            } catch (error) {
              expect(error).toBeInstanceOf(DomainError);
            }
          }
          if (reserved > 0)
            expect(host.availableMb - reserved).toBeGreaterThanOrEqual(
              totalMb * HEADROOM,
            );
        },
      ),
    );
  });
});
