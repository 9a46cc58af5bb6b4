/** The wire formats that clients and servers speak. */
export const protocols = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini', 'ollama'] as const;
export type Protocol = (typeof protocols)[number];

/** Where a server runs; independent of what it speaks. */
export const placements = ['local', 'self-hosted', 'third-party'] as const;
export type Placement = (typeof placements)[number];

/** What a delegator may ask for, and what a launch uses. */
export const routePreferences = ['auto', 'direct', 'gateway'] as const;
export type RoutePreference = (typeof routePreferences)[number];
