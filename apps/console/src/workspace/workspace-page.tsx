/** TODO */
export function WorkspacePage({ id }: { readonly id: string }) {
  return <h1>WorkspacePage {id}</h1>;
}
