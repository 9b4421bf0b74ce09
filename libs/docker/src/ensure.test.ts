import { parseSandboxId } from '@sandboxed/domain';
import { decide } from './ensure.ts';
import { mapInspect } from './map-inspect.ts';

const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const OTHER = '01ARZ3NDEKTSV4RRFFQ69G5FAW';

function found(
  status: string,
  id = ID,
  generation = 1,
  instance = 'here',
  spec = 'same',
  pool = 'same',
) {
  return mapInspect(
    {
      Id: 'abc',
      Name: '/s-one',
      Config: {
        Labels: {
          'sandboxed.managed': 'true',
          'sandboxed.instance': instance,
          'sandboxed.id': id,
          'sandboxed.generation': String(generation),
          ...(spec !== '' && { 'sandboxed.spec': spec }),
          ...(pool !== '' && { 'sandboxed.pool': pool }),
        },
      },
      State: {
        Status: status,
        Running: status === 'running',
        Paused: false,
        ExitCode: 0,
        OOMKilled: false,
      },
    },
    'here',
  );
}

test.each([
  ['adopt', 'running of the same generation', found('running')],
  ['adopt', 'stopped of the same generation', found('exited')],
  [
    'adopt',
    'running and of another spec',
    found('running', ID, 1, 'here', 'old'),
  ],
  [
    'adopt',
    'paused and of another spec',
    found('paused', ID, 1, 'here', 'old'),
  ],
  [
    'replace',
    'stopped and of another spec',
    found('exited', ID, 1, 'here', 'old'),
  ],
  [
    'replace',
    'not yet started and of another spec',
    found('created', ID, 1, 'here', 'old'),
  ],
  ['replace', 'stopped and without a hash', found('exited', ID, 1, 'here', '')],
  [
    'replace',
    'running and without a hash',
    found('running', ID, 1, 'here', ''),
  ],
  ['replace', 'of another generation', found('running', ID, 2)],
  ['replace', 'half removed', found('dead')],
  ['wait', 'being removed', found('removing')],
  ['conflict', 'of another sandbox', found('running', OTHER)],
  ['conflict', 'of another instance', found('running', ID, 1, 'there')],
])('decides to %s one that is %s', (decision, _case, container) => {
  const sandboxId = parseSandboxId(ID) ?? '';
  const wanted = { sandboxId, generation: 1, specHash: 'same' };
  expect(decide(container, wanted)).toBe(decision);
});

test.each([
  ['adopt', 'runs and is just as wanted', 'running', 'same', 'same'],
  ['resize', 'runs with other limits', 'running', 'old', 'same'],
  ['resize', 'is paused with other limits', 'paused', 'old', 'same'],
  ['replace', 'runs and differs in more', 'running', 'old', 'old'],
  ['replace', 'was made before it could be told', 'running', 'old', ''],
  ['replace', 'does not run, with other limits', 'exited', 'old', 'same'],
])(
  'decides to %s a container that nobody has used yet and that %s',
  (decision, _case, status, spec, pool) => {
    const sandboxId = parseSandboxId(ID) ?? '';
    const wanted = { sandboxId, generation: 1, specHash: 'same' };
    expect(
      decide(found(status, ID, 1, 'here', spec, pool), {
        ...wanted,
        poolHash: 'same',
      }),
    ).toBe(decision);
  },
);
