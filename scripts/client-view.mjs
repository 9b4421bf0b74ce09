/**
 * The document of a client: each call under its first path alone, with one answer, filed under `status`, since refusals are problems
 * all.
 */
export function clientView(document, status) {
  const calls = Object.entries(document.paths).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(methods)
        .filter(([, { tags }]) => !tags.includes('Short paths'))
        .map(([method, call]) => [
          method,
          { ...call, responses: { [status]: firstAnswer(call.responses) } },
        ]),
    ),
  ]);
  return {
    ...document,
    paths: Object.fromEntries(
      calls.filter(([, methods]) => Object.keys(methods).length > 0),
    ),
  };
}

/** All answers of success have the same schema. */
function firstAnswer(responses) {
  const { headers: _, ...answer } = Object.entries(responses).find(
    ([status]) => Number(status) < 300,
  )[1];
  return answer;
}
