import { mapEvent } from './map-event.ts';

const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const event = {
  Type: 'container',
  Action: 'die',
  Actor: {
    Attributes: {
      exitCode: '1',
      'sandboxed.managed': 'true',
      'sandboxed.instance': 'here',
      'sandboxed.id': ID,
      'sandboxed.generation': '1',
    },
  },
};

test('an event of ours names action and sandbox', () => {
  expect(mapEvent(event, 'here')).toEqual({ action: 'die', sandboxId: ID });
});

test.each([
  ['of another instance', event, 'there'],
  ['of another kind', { ...event, Type: 'network' }, 'here'],
  ['nobody waits for', { ...event, Action: 'exec_create: sh' }, 'here'],
  ['of another form', 'no object', 'here'],
])('an event %s is passed over', (_case, other, instance) => {
  expect(mapEvent(other, instance)).toBeUndefined();
});
