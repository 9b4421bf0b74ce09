import { createSeenNetworks } from './seen-networks.ts';

const SUBNETS = {
  open: { cidr: '10.1.0.0/16', gateway: '10.1.0.1' },
  isolated: { cidr: '10.2.0.0/16', gateway: '10.2.0.1' },
};

function place() {
  const look = jest.fn(() => Promise.resolve(SUBNETS));
  let at = 0;
  const networks = createSeenNetworks(look, () => at);
  return {
    look,
    networks,
    later: (ms: number) => {
      at += ms;
    },
  };
}

it('keeps for 10 s what was seen, and looks again by itself where nobody else does', async () => {
  const { look, networks, later } = place();
  await networks.look();
  later(10_000);
  expect(await networks.last()).toBe(SUBNETS);
  expect(look).toHaveBeenCalledTimes(1);
  later(1);
  await networks.last();
  expect(look).toHaveBeenCalledTimes(2);
  later(10_000);
  await networks.last();
  expect(look).toHaveBeenCalledTimes(2);
});

it('looks again once it was told to forget, and after a look that failed', async () => {
  const { look, networks } = place();
  await networks.last();
  networks.forget();
  look.mockRejectedValueOnce(new Error('no Engine'));
  await expect(networks.last()).rejects.toThrow('no Engine');
  expect(await networks.last()).toBe(SUBNETS);
  expect(look).toHaveBeenCalledTimes(3);
});

it('shares a look that is under way', async () => {
  const { look, networks } = place();
  await Promise.all([networks.last(), networks.last()]);
  expect(look).toHaveBeenCalledTimes(1);
});
