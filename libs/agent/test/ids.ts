let made = 0;

/** A ULID that no other test of this file uses. */
export function newId(): string {
  made += 1;
  return `01ARZ3NDEKTSV4RRFF${String(made).padStart(8, '0')}`;
}
