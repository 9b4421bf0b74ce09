import { sandboxIdSchema, scopesUpTo } from '@sandboxed/domain';
import { createTickets } from './tickets.ts';

const ID = sandboxIdSchema.parse('01ARZ3NDEKTSV4RRFFQ69G5FAV');
const OTHER = sandboxIdSchema.parse('01ARZ3NDEKTSV4RRFFQ69G5FAW');
const caller = (tenant: string) => ({
  actor: `api:${tenant}`,
  tenant,
  scopes: scopesUpTo('write'),
});

let at = 1_000;
beforeEach(() => {
  at = 1_000;
});

function ticketsNow() {
  const tickets = createTickets(() => at);
  const issue = (tenant = 'ann'): string =>
    tickets.issue(caller(tenant), ID).protocols[1] ?? '';
  return { tickets, issue };
}

it('stands for who asked, once', () => {
  const { tickets, issue } = ticketsNow();
  const ticket = issue();
  expect(tickets.use(ticket, ID)).toEqual(caller('ann'));
  expect(tickets.use(ticket, ID)).toBeUndefined();
});

it('is of one sandbox, and not used up by a try at another', () => {
  const { tickets, issue } = ticketsNow();
  const ticket = issue();
  expect(tickets.use(ticket, OTHER)).toBeUndefined();
  expect(tickets.use(ticket, ID)).toBeDefined();
});

it('is good for 30 s', () => {
  const { tickets, issue } = ticketsNow();
  const [first, second] = [issue(), issue()];
  at += 29_999;
  expect(tickets.use(first, ID)).toBeDefined();
  at += 1;
  expect(tickets.use(second, ID)).toBeUndefined();
});

it('takes the place of the tenant’s oldest beyond a hundred, and of nobody else’s', () => {
  const { tickets, issue } = ticketsNow();
  const others = issue('ben');
  const all = Array.from({ length: 150 }, () => issue());
  const good = all.filter((ticket) => tickets.use(ticket, ID) !== undefined);
  expect(good).toEqual(all.slice(50));
  expect(tickets.use(others, ID)).toBeDefined();
});
