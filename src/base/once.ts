/** Makes a value when it is first asked for: what takes time to make, and is not needed in every run. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
