/** A state in words and colour: never in colour alone. */
export function Status({ value }: { readonly value: string }) {
  return (
    <span className="status" data-status={value}>
      {value}
    </span>
  );
}
