/** Which model a report is of: the same for every report of one model on one server. */
export function reportKey({ serverId, model }: { readonly serverId: string; readonly model: string }): string {
  return JSON.stringify([serverId, model]);
}
