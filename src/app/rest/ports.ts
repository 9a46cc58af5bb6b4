/** The gateway's ports with the keys that callers handed over: those come first, since they are of now. */
import type { HandedKeys } from '../../core/gateway/rest.ts';
import type { Ports } from '../../core/ports.ts';

export function withHandedKeys(ports: Ports, keys: HandedKeys): Ports {
  const { env, secrets } = ports;
  return {
    ...ports,
    env: {
      get: (name) => keys.get('env', name) ?? env.get(name),
      // What agents inherit: keys that are for servers are none of that.
      all: env.all,
      platform: env.platform,
      homeDir: env.homeDir,
      operatorHome: env.operatorHome,
    },
    secrets: {
      description: secrets.description,
      get: async (name) => keys.get('secret', name) ?? (await secrets.get(name)),
      set: secrets.set,
      delete: secrets.delete,
    },
  };
}
