import assert from 'node:assert/strict';
import fc from 'fast-check';
import { inferPlacement } from '../../../src/core/servers/placement.ts';

const table: Readonly<Record<'local' | 'self-hosted' | 'third-party', readonly string[]>> = {
  local: ['http://localhost:1', 'http://LOCALHOST', 'http://localhost.', 'http://a.localhost', 'http://127.0.0.1', 'http://127.255.0.9', 'http://[::1]:80', 'http://[::ffff:127.0.0.1]', 'http://0.0.0.0:8000', 'http://[::]:8000', 'http://2130706433'],
  'self-hosted': [
    'http://10.0.0.1', 'http://172.16.0.1', 'http://172.31.255.255', 'http://192.168.1.1', 'http://169.254.1.1', 'http://100.64.0.1', 'http://100.127.255.255', 'http://[::ffff:10.0.0.1]',
    'http://[fc00::1]', 'http://[fdff:1::1]', 'http://[fe80::1]', 'http://[febf::1]', 'http://gpu', 'http://gpu-box:8000', 'http://x.local', 'http://vllm.ns.svc.cluster.local', 'http://x.internal', 'http://x.lan', 'http://box.tail1234.ts.net', 'http://x.home.arpa', 'http://gpu.lan.',
  ],
  'third-party': [
    'https://api.openai.com', 'http://8.8.8.8', 'http://172.15.0.1', 'http://172.32.0.1', 'http://192.169.1.1', 'http://100.63.0.1', 'http://100.128.0.1', 'http://11.0.0.1', 'http://[2001:db8::1]', 'http://[fec0::1]', 'http://[::ffff:8.8.8.8]',
    'https://local.example.com', 'https://localhost.example.com', 'https://mylan.com', 'https://127.0.0.1.nip.io', 'not a url', '',
  ],
};

describe('placement', () => {
  for (const [placement, urls] of Object.entries(table)) {
    for (const url of urls) it(`${JSON.stringify(url)} is ${placement}`, () => assert.equal(inferPlacement(url), placement));
  }

  it('never takes a public address for an own one', () => {
    const isOwn = (ip: string): boolean => /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(ip);
    fc.assert(fc.property(fc.ipV4(), (ip) => assert.equal(inferPlacement(`http://${ip}/`) === 'third-party', !isOwn(ip))));
  });
});
