/** Several models at once: servers at the same time, models of one server one after the other, since each may have to be loaded. */

/** Servers tested at the same time. */
const concurrency = 4;

/** Runs `test` for every item. @param serverOf what must not be tested at the same time. @returns what came of each, in the order of the items */
export async function runSideBySide<Item, Outcome>(items: readonly Item[], serverOf: (item: Item) => string, test: (item: Item, index: number) => Promise<Outcome>): Promise<readonly Outcome[]> {
  const queues = new Map<string, { readonly item: Item; readonly index: number }[]>();
  items.forEach((item, index) => {
    const server = serverOf(item);
    const queue = queues.get(server);
    if (queue) queue.push({ item, index });
    else queues.set(server, [{ item, index }]);
  });
  const outcomes = new Array<Outcome>(items.length);
  const waiting = [...queues.values()];
  const worker = async (): Promise<void> => {
    for (let queue = waiting.shift(); queue; queue = waiting.shift()) {
      for (const { item, index } of queue) outcomes[index] = await test(item, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, waiting.length) }, worker));
  return outcomes;
}
