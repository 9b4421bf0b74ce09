/** More of it nobody reads here; the API has all. Characters. */
const MOST = 20_000;

/** What is no text as JSON, cut where it gets long. */
export function told(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  if (text.length <= MOST) return text;
  return `${text.slice(0, MOST)}\n… and ${text.length - MOST} characters more: GET /v1/jobs/{id} has them.`;
}
