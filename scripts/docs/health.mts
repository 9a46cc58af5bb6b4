/** Every state and every cause of it. The types make this file fail to compile when one is missing. */
import { type HealthCause, type HealthState, healthStates, needsAttention } from '../../src/core/servers/health.ts';
import { code, table } from './markdown.mts';

const states: Readonly<Record<HealthState, string>> = {
  healthy: 'Answers and lists at least one model',
  busy: 'Answers, and says that it has too much to do right now',
  starting: 'Is loading a model; answers when that is done',
  'no-models': 'Answers, and has no model to offer',
  unauthorized: 'The key is missing or was refused',
  'rate-limited': 'Refuses further requests until the time shown',
  unhealthy: 'Answers, but not as a model server should',
  offline: 'Nothing listens at the address',
  unreachable: 'The address cannot be reached: name, network, TLS or proxy',
  misconfigured: 'Cannot even be tried as it stands in operator.toml',
  unknown: 'Not probed yet, or must not be',
};

const causes: Readonly<Record<HealthCause, { readonly what: string; readonly next: string }>> = {
  listed: { what: 'Models were listed', next: 'Nothing' },
  'empty-list': { what: 'The list of models is empty', next: 'Pull or load a model; for Ollama `ollama pull NAME`' },
  'loading-model': { what: 'A model is being loaded', next: 'Wait; it is probed again' },
  overloaded: { what: 'The server answered that it is overloaded', next: 'Wait, or use another server' },
  'key-missing': { what: 'The server wants a key and none was sent, or the reference resolves to nothing', next: '*Set API Key*, or set the variable that `api_key_env` names and restart VS Code or the shell' },
  'key-refused': { what: 'The server refused the key', next: 'Check that the key is current and belongs to this server' },
  'too-many-requests': { what: 'The server counted too many requests', next: 'Wait until the time shown' },
  'server-error': { what: 'The server failed (5xx)', next: "Look at the server's own log" },
  'not-found': { what: 'Something answers HTTP there, but not at the path of the listing', next: 'Check `kind` and `base_url`; a path before `/v1` belongs into `base_url`' },
  'unexpected-status': { what: 'An HTTP status that no model server answers with', next: 'Check `base_url`: another program may listen there' },
  html: { what: 'A web page where a list of models was expected', next: 'Check `base_url`; a sign-in page of a proxy or a dashboard answers' },
  'not-json': { what: 'An answer that is not JSON', next: 'Check `kind` and `base_url`' },
  'not-http': { what: 'Something that does not speak HTTP', next: 'Check the port in `base_url`' },
  'wrong-shape': { what: 'JSON, but not a list of models', next: 'Check `kind`; `openai-compat` fits most servers that are not listed' },
  'body-too-large': { what: 'The list was cut off because it is far too large', next: 'Name the models in `models`' },
  'body-too-slow': { what: 'The list began and did not end in time', next: 'Check the connection, or name the models in `models`' },
  redirect: { what: 'The server sends the request to another host; with a key it is not followed', next: 'Put the address it points to into `base_url` if you trust it' },
  'connection-refused': { what: 'Nothing listens at that port', next: 'Start the server' },
  'connection-reset': { what: 'The connection was cut before an answer', next: 'Check http or https, and what stands between' },
  dns: { what: 'The name of the host is unknown', next: 'Check the spelling, the network, the VPN' },
  timeout: { what: 'No answer in time', next: 'Check that the machine is up and no firewall drops the connection' },
  tls: { what: 'The certificate is not trusted, or it is not a TLS port', next: 'Check http or https; give Node the certificate of a private authority with `NODE_EXTRA_CA_CERTS`' },
  proxy: { what: 'The proxy refused or cannot be reached; nothing is sent around it', next: 'Check `proxy`' },
  network: { what: 'There is no route to the host', next: 'Check the network, the VPN' },
  'bad-configuration': { what: 'The entry has an error', next: 'See the Problems view' },
  'not-probed': { what: 'Nobody has looked yet', next: '*Probe*' },
  'not-trusted': { what: 'The entry belongs to a workspace that is not trusted', next: '*Manage Workspace Trust*, if you do trust it' },
};

export function healthParts(): Readonly<Record<string, string>> {
  return {
    states: table(['State', 'Means', 'Counts on the badge'], healthStates.map((state) => [code(state), states[state], needsAttention(state) ? 'yes' : ''])),
    causes: table(['Cause', 'What happened', 'What to do'], Object.entries(causes).map(([cause, { what, next }]) => [code(cause), what, next])),
  };
}
