import {
  assertDeclarable,
  MAX_DECLARED_BYTES,
  MAX_SERVICES,
} from './service.ts';

const service = (name: string, value: string) => ({
  name,
  spec: { command: 'true', env: { VALUE: value } },
});

describe('what a sandbox declares', () => {
  it('is refused when environment and services are too large together', () => {
    const many = Array.from({ length: MAX_SERVICES }, (_, index) =>
      service(
        `s${String(index)}`,
        'x'.repeat(MAX_DECLARED_BYTES / MAX_SERVICES),
      ),
    );
    expect(() => {
      assertDeclarable({}, many);
    }).toThrow(/1024 KiB in all/);
    expect(() => {
      assertDeclarable({}, many.slice(1));
    }).not.toThrow();
    expect(() => {
      assertDeclarable({ A: 'x'.repeat(40_000) }, many.slice(1));
    }).toThrow(/1024 KiB in all/);
  });

  it('is measured as it is sent: escapes and letters of several bytes count in full', () => {
    const third = MAX_DECLARED_BYTES / 3;
    expect(() => {
      assertDeclarable({}, [service('web', '€'.repeat(third))]);
    }).toThrow();
    expect(() => {
      assertDeclarable({}, [service('web', '\u0001'.repeat(third))]);
    }).toThrow();
    expect(() => {
      assertDeclarable({}, [service('web', 'x'.repeat(third))]);
    }).not.toThrow();
  });
});
