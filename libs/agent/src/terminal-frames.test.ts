import fc from 'fast-check';
import { AgentError } from './errors.ts';
import {
  controlFrame,
  createFrameReader,
  dataFrames,
  type Frame,
} from './terminal-frames.ts';

/** Frames of chunks, data that follows on data as one. */
function read(chunks: readonly Buffer[]): unknown[] {
  const reader = createFrameReader();
  const all: unknown[] = [];
  let data = '';
  const flush = () => {
    if (data !== '') all.push(data);
    data = '';
  };
  const take = (frame: Frame) => {
    if (frame.kind === 'data') data += frame.bytes.toString('latin1');
    else {
      flush();
      all.push(frame.json);
    }
  };
  for (const chunk of chunks) reader(chunk).forEach(take);
  flush();
  return all;
}

describe('the frames of a terminal', () => {
  it('are the same however their bytes are cut', () => {
    const whole = Buffer.concat([
      controlFrame({ type: 'resize', cols: 80, rows: 24 }),
      dataFrames(Buffer.from('one ')),
      dataFrames(Buffer.from('twö')),
      controlFrame({ type: 'hang_up' }),
      dataFrames(Buffer.from('three')),
    ]);
    const expected = read([whole]);
    expect(expected).toHaveLength(4);
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length)), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), whole.length];
        const chunks = at
          .slice(1)
          .map((to, index) => whole.subarray(at[index], to));
        expect(read(chunks)).toEqual(expected);
      }),
    );
  });

  it('take as many as their bound makes necessary', () => {
    const bytes = Buffer.alloc(200_000, 'x');
    expect(read([dataFrames(bytes)])).toEqual([bytes.toString()]);
  });

  it.each([
    ['of an unknown kind', Buffer.from([2, 0, 0, 0, 1, 65])],
    ['without bytes', Buffer.from([1, 0, 0, 0, 0])],
    ['over their bound', Buffer.from([1, 0, 1, 0, 1])],
    ['that are no JSON', Buffer.from([0, 0, 0, 0, 1, 65])],
  ])('%s are refused before they are held', (_what, bytes) => {
    expect(() => createFrameReader()(bytes)).toThrow(AgentError);
  });
});
