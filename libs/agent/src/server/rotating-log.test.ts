import { lastLines } from './rotating-log.ts';

describe('the last lines of a text', () => {
  const text = Buffer.from('one\ntwo\nthree\n');
  const last = (lines: number, of = text) =>
    of.subarray(lastLines(of, lines)).toString();

  it('begin at a line', () => {
    expect(last(2)).toBe('two\nthree\n');
  });

  it('count an unfinished line', () => {
    expect(last(2, Buffer.from('one\ntwo\nthr'))).toBe('two\nthr');
  });

  it('are all of it when there are fewer', () => {
    expect(last(50)).toBe('one\ntwo\nthree\n');
  });

  it('are nothing when none are asked for', () => {
    expect(last(0)).toBe('');
  });

  it('of an empty text are nothing', () => {
    expect(last(5, Buffer.alloc(0))).toBe('');
  });

  it('count empty lines', () => {
    expect(last(2, Buffer.from('a\n\n\n'))).toBe('\n\n');
  });
});
