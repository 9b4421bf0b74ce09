import { connectedPorts } from './connected-ports.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const row = (local: string, remote: string, state: string): string =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  1000        0 1 1 0`;
const table = (...rows: string[]): string => [HEAD, ...rows, ''].join('\n');

const LISTENS = row('00000000:0BB8', '00000000:0000', '0A');

it('names a port that another machine is connected to', () => {
  const open = row('030012AC:0BB8', '020012AC:C001', '01');
  expect(connectedPorts([table(LISTENS, open)])).toEqual([3000]);
  expect(connectedPorts([table(LISTENS, open, open)])).toEqual([3000]);
});

it('finds one of IPv4 on a socket that listens for both families', () => {
  const zero = '0'.repeat(32);
  const mapped = '0000000000000000FFFF0000';
  const listens = row(`${zero}:1F90`, `${zero}:0000`, '0A');
  const open = row(`${mapped}030012AC:1F90`, `${mapped}020012AC:C001`, '01');
  expect(connectedPorts([table(), table(listens, open)])).toEqual([8080]);
});

it.each([
  ['of the sandbox with itself', '0100007F:0BB8', '0100007F:C001', '01'],
  ['by its own address', '030012AC:0BB8', '030012AC:C001', '01'],
  ['that it made to somebody else', '030012AC:C001', '020012AC:0BB8', '01'],
  ['that has ended', '030012AC:0BB8', '020012AC:C001', '06'],
])('leaves out a connection %s', (_, local, remote, state) => {
  expect(connectedPorts([table(LISTENS, row(local, remote, state))])).toEqual(
    [],
  );
});

it('makes nothing of a table in another form', () => {
  expect(connectedPorts(['', 'nonsense\n\n', HEAD])).toEqual([]);
});
