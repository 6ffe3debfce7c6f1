/** Each item while the next one is already on its way. */
export async function* oneAhead<Item>(items: AsyncGenerator<Item>): AsyncGenerator<Item> {
  let next = begin(items);
  try {
    for (let item = await next; !item.done; item = await next) {
      next = begin(items);
      yield item.value;
    }
  } finally {
    await items.return(undefined);
  }
}

function begin<Item>(items: AsyncGenerator<Item>): Promise<IteratorResult<Item>> {
  const next = items.next();
  // Whoever awaits it gets the error; until then it must not count as unhandled.
  next.catch(() => undefined);
  return next;
}
