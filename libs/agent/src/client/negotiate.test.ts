import { checkProtocol } from './negotiate.ts';

const OURS = { protocol: 5, oldest_protocol: 4 };

it.each([
  ['one that is older by one', { protocol: 4 }],
  ['the same', { protocol: 5 }],
  [
    'one that is newer by one and knows us',
    { protocol: 6, oldest_protocol: 5 },
  ],
])('accepts %s', (_name, agent) => {
  expect(() => {
    checkProtocol(agent, OURS);
  }).not.toThrow();
});

it.each([
  ['one that is older by two', { protocol: 3, oldest_protocol: 2 }],
  ['one that is newer by two', { protocol: 7, oldest_protocol: 6 }],
  ['a newer one that does not say whom it knows', { protocol: 6 }],
])('refuses %s, and says which versions there are', (_name, agent) => {
  expect(() => {
    checkProtocol(agent, OURS);
  }).toThrow(/version \d of the agent's protocol, .* versions 4 to 5/);
});
