/** Ids for answers and calls to which their server gave none (Gemini and Ollama need not). */

/** Makes an id that is unique among all answers, beginning with `prefix`. */
export type NewId = (prefix: string) => string;

/** 122 random bits from the web's own source; tests pass a counter instead. */
export const randomId: NewId = (prefix) => `${prefix}${crypto.randomUUID().replaceAll('-', '')}`;
