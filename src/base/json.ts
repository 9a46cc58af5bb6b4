/** Reading JSON that others wrote. */

/** The value, or undefined for text that is not JSON: no JSON stands for undefined, and `null` is a value like any other. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // that it is no JSON is the answer
  }
}
