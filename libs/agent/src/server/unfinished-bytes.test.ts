import { StringDecoder } from 'node:string_decoder';
import { unfinishedBytes } from './unfinished-bytes.ts';

it('counts what a decoder keeps for later, wherever a text is cut', () => {
  const text = Buffer.from('a\u00e4\u20ac\u{1f600}z');
  for (let at = 0; at <= text.length; at += 1) {
    const decoder = new StringDecoder('utf8');
    const decoded = Buffer.from(decoder.write(text.subarray(0, at)));
    expect(unfinishedBytes(text.subarray(0, at))).toBe(at - decoded.length);
  }
});

it('waits for nothing after bytes that are no text', () => {
  expect(unfinishedBytes(Buffer.from([0x61, 0xff]))).toBe(0);
  expect(unfinishedBytes(Buffer.from([0x80, 0x80, 0x80, 0x80]))).toBe(0);
});
