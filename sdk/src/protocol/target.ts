/** What the hub knows of a rollup's messages (`progress`). */
export interface Inbox {
  count: bigint;
  due: bigint;
  target: bigint;
  messageBound: bigint;
}

/** Returns the targets that the next batch may have, the farthest first. */
export function allowedTargets(inbox: Inbox): bigint[] {
  const most = inbox.target + inbox.messageBound;
  if (inbox.due > most) return [(inbox.target / inbox.messageBound + 1n) * inbox.messageBound];
  return inbox.count > inbox.due && inbox.count <= most ? [inbox.count, inbox.due] : [inbox.due];
}
