/**
 * Which item an event is about. OpenAI gives both a place in the output and an id; GitHub Copilot's ids change from event to
 * event, some servers have no places, and some count every item as the first.
 */
import type { WireEvent, WireItem } from './schema.ts';

export interface ItemKeys {
  of(event: WireEvent): string;
  /** Of an item in the final list of all items. */
  ofFinal(index: number, item: WireItem): string;
}

interface Place {
  readonly key: string;
  added: boolean;
  done: boolean;
}

export function createItemKeys(): ItemKeys {
  const places = new Map<number, Place>();
  const keysById = new Map<string, string>();
  let generation = 0;

  /** @param id of the item, which may have come before its place did */
  function placeOf(index: number, type: string | null | undefined, id: string): Place {
    const known = places.get(index);
    const isNext = known !== undefined && ((type === 'response.output_item.added' && known.added) || (known.done && type?.endsWith('.delta')));
    if (known !== undefined && !isNext) return known;
    const placeless = known === undefined ? keysById.get(id) : undefined;
    const place = { key: placeless ?? `${index}${isNext ? `/${++generation}` : ''}`, added: placeless !== undefined, done: false };
    places.set(index, place);
    return place;
  }

  return {
    of(event) {
      const id = event.item_id ?? event.item?.id ?? '';
      if (typeof event.output_index !== 'number') return keysById.get(id) ?? remember(id, `id ${id}`);
      const place = placeOf(event.output_index, event.type, id);
      if (event.type === 'response.output_item.added') place.added = true;
      if (event.type === 'response.output_item.done') place.done = true;
      return remember(id, place.key);
    },
    ofFinal: (index, item) => keysById.get(item.id ?? '') ?? places.get(index)?.key ?? `${index}`,
  };

  function remember(id: string, key: string): string {
    if (id !== '') keysById.set(id, key);
    return key;
  }
}
