/** Licences are pages long; a person wants to know which one it is. */
import { truncate } from '../../../base/text.ts';

const known: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/Apache License\s+Version 2\.0/i, 'Apache License 2.0'],
  [/\bMIT License\b|Permission is hereby granted, free of charge/i, 'MIT License'],
  [/GNU AFFERO GENERAL PUBLIC LICENSE\s+Version 3/i, 'GNU AGPL 3.0'],
  [/GNU GENERAL PUBLIC LICENSE\s+Version 3/i, 'GNU GPL 3.0'],
  [/Attribution-NonCommercial 4\.0/i, 'CC BY-NC 4.0'],
];

/** The name of a well-known licence, else the first line that says something; undefined for none. */
export function shortLicense(text: string): string | undefined {
  const start = text.slice(0, 2000);
  const name = known.find(([pattern]) => pattern.test(start))?.[1];
  if (name !== undefined) return name;
  const line = start.split('\n').map((each) => each.replaceAll(/\s+/g, ' ').trim()).find((each) => /\p{L}/u.test(each));
  return line === undefined ? undefined : truncate(line, 80);
}
