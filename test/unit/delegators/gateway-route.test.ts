/** What is said about launches through the gateway: what happens to their requests, and why they do not go directly. */
import assert from 'node:assert/strict';
import { describeGatewayRoute, upstreamProtocol } from '../../../src/core/delegators/gateway-route.ts';
import { resolveDelegator } from '../../../src/core/delegators/resolve.ts';
import { placements, protocols } from '../../../src/core/protocol.ts';
import { allServerKinds, serverKind } from '../../../src/core/servers/kinds.ts';
import { chooseBridge } from '../../../src/gateway/routing/target.ts';
import { aDelegator, aServer, resolveFacts, type World } from '../launch/support.ts';

/** Path and reason of the delegator `mine`. */
function words(world: World): readonly (string | undefined)[] {
  const facts = resolveFacts({ gateway: true, ...world });
  const result = resolveDelegator({ type: 'delegator', delegator: 'mine' }, facts);
  assert.ok(result.ok, JSON.stringify(result));
  const through = describeGatewayRoute(result.value, facts.servers.find(({ server }) => server === result.value.server)?.health);
  assert.deepEqual(result.value.notes?.map(({ message }) => message).filter((message) => message.startsWith('Goes through')) ?? [], through ? [through.reason] : [], 'the plan says the same');
  return [through?.path, through?.reason];
}

describe('the words for a route through the gateway', () => {
  it('name both protocols where it translates', () => {
    const world = { servers: [aServer({ kind: 'ollama' })], delegators: [aDelegator({ llmTool: 'gemini', modelServer: 'here' })] };
    assert.deepEqual(words(world), ['gemini → ollama', 'Goes through Operator’s gateway, which translates between gemini and ollama: here does not speak gemini']);
  });

  it('name what was asked for where requests would pass anyway', () => {
    const world = { servers: [aServer({ kind: 'anthropic-api' })], delegators: [aDelegator({ llmTool: 'claude', modelServer: 'here', route: 'gateway' })] };
    assert.deepEqual(words(world), ['anthropic-messages', 'Goes through Operator’s gateway because of route = "gateway"']);
  });

  it('name what the tool cannot do by itself', () => {
    const behind = { servers: [aServer({ kind: 'anthropic-api', proxy: 'socks5://10.0.0.2:1080' })], delegators: [aDelegator({ llmTool: 'claude', modelServer: 'here' })] };
    assert.deepEqual(words(behind), ['anthropic-messages', 'Goes through Operator’s gateway because claude cannot use a SOCKS proxy']);
    const query = { servers: [aServer({ kind: 'litellm', auth: { type: 'query', name: 'key' }, credential: { store: 'env', name: 'K' } })], delegators: [aDelegator({ llmTool: 'codex', modelServer: 'here' })] };
    assert.match(words(query)[1] ?? '', /because codex cannot put a key into the query of an address$/);
  });

  it('say that the gateway finds out what nobody knows', () => {
    const world = { servers: [aServer({ kind: 'ollama' })], delegators: [aDelegator({ llmTool: 'claude', modelServer: 'here' })], health: { here: { state: 'offline' as const, checkedAt: 1 } } };
    assert.match(words(world)[1] ?? '', /because here did not say whether it speaks anthropic-messages: the gateway finds out/);
  });

  it('are not there for a direct route', () => {
    assert.deepEqual(words({ servers: [aServer({ kind: 'anthropic-api' })], delegators: [aDelegator({ llmTool: 'claude', modelServer: 'here' })] }), [undefined, undefined]);
  });

  it('name the protocol in which the gateway really asks', () => {
    for (const { id } of allServerKinds()) {
      for (const placement of placements) {
        const server = aServer({ kind: id, placement });
        for (const client of protocols) {
          const bridge = chooseBridge(client, { server, speaks: serverKind(id).protocols });
          if (bridge?.type === 'translate') assert.equal(upstreamProtocol(server, serverKind(id).protocols), bridge.to, `${client} on ${id}`);
        }
      }
    }
  });
});
