import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isOperatorError } from '../../../src/core/errors.ts';
import type { Http, HttpRequest } from '../../../src/core/ports.ts';
import { HttpFailure } from '../../../src/core/ports.ts';
import type { LifecycleCall } from '../../../src/core/servers/lifecycle/kind.ts';
import { lifecycleOf } from '../../../src/core/servers/lifecycle/kinds.ts';
import { shortLicense } from '../../../src/core/servers/lifecycle/license.ts';
import { lmstudioActions } from '../../../src/core/servers/lifecycle/lmstudio.ts';
import type { PullProgress } from '../../../src/core/servers/lifecycle/model.ts';
import { findModel, nearest } from '../../../src/core/servers/lifecycle/names.ts';
import { ollamaActions } from '../../../src/core/servers/lifecycle/ollama.ts';
import { stallMs, workMs } from '../../../src/core/servers/lifecycle/patience.ts';
import { createPullMeter, percentOf } from '../../../src/core/servers/lifecycle/progress.ts';
import { detailsMarkdown } from '../../../src/core/servers/lifecycle/report.ts';
import { remainingWords } from '../../../src/core/servers/lifecycle/words.ts';
import { serverKindIds } from '../../../src/core/servers/kinds.ts';
import { serverAt } from '../../support/model-server.ts';
import { FakeClock, FakeHttp, settle } from '../fakes.ts';

describe('progress of a download', () => {
  it('adds up all parts, and tells speed and time left from what came lately', async () => {
    const clock = new FakeClock();
    const meter = createPullMeter(clock);
    meter.setStatus('downloading');
    assert.deepEqual(meter.progress, { status: 'downloading', doneBytes: 0, totalBytes: 0 });
    meter.setPart('a', 0, 1000);
    assert.deepEqual(meter.progress, { status: 'downloading', doneBytes: 0, totalBytes: 1000 });
    await clock.advance(1000);
    meter.setPart('a', 100, 1000);
    assert.deepEqual(meter.progress, { status: 'downloading', doneBytes: 100, totalBytes: 1000, bytesPerSecond: 100, remainingMs: 9000 });
    await clock.advance(1000);
    meter.setPart('b', 0, 500);
    meter.setPart('a', 300, 1000);
    assert.deepEqual([meter.progress.doneBytes, meter.progress.totalBytes, meter.progress.bytesPerSecond], [300, 1500, 150]);
  });

  it('counts what was there before as done, and not as speed', async () => {
    const clock = new FakeClock();
    const meter = createPullMeter(clock);
    meter.setPart('a', 600, 1000);
    await clock.advance(2000);
    meter.setPart('a', 700, 1000);
    assert.deepEqual([meter.progress.doneBytes, meter.progress.bytesPerSecond, meter.transferred], [700, 50, 100]);
  });

  it('tells no time left where nothing moves, and forgets a speed of long ago', async () => {
    const clock = new FakeClock();
    const meter = createPullMeter(clock);
    meter.setPart('a', 0, 1000);
    await clock.advance(1000);
    meter.setPart('a', 500, 1000);
    for (let second = 0; second < 15; second++) {
      await clock.advance(1000);
      meter.setPart('a', 500, 1000);
    }
    assert.deepEqual([meter.progress.bytesPerSecond, meter.progress.remainingMs], [0, undefined]);
  });

  it('stays within its bounds whatever a server reports', () => {
    const report = fc.record({ id: fc.constantFrom('a', 'b', 'c'), done: fc.integer({ min: -10, max: 3000 }), total: fc.integer({ min: -10, max: 2000 }) });
    fc.assert(
      fc.property(fc.array(report, { maxLength: 40 }), (reports) => {
        const meter = createPullMeter(new FakeClock());
        for (const { id, done, total } of reports) meter.setPart(id, done, total);
        const { progress } = meter;
        const percent = percentOf(progress);
        return progress.doneBytes >= 0 && progress.doneBytes <= progress.totalBytes && meter.transferred >= 0 && (percent === undefined || (percent >= 0 && percent <= 99));
      }),
    );
  });

  it('says times as people do', () => {
    const left = (remainingMs: number): string => remainingWords({ status: '', doneBytes: 0, totalBytes: 0, remainingMs });
    assert.deepEqual([left(900), left(59_000), left(61_000), left(3_600_000), left(9e12)], ['1 s left', '59 s left', '1 min 1 s left', '1 h 0 min left', '']);
  });
});

describe('names of models', () => {
  const names = ['llama3.2:latest', 'qwen3:8b', 'hf.co/bartowski/gemma:Q4', 'qwen/qwen3-coder-30b'];
  it('are found as the server would find them', () => {
    for (const [wanted, found] of [['llama3.2', 'llama3.2:latest'], ['LLAMA3.2:latest', 'llama3.2:latest'], ['qwen3', undefined], ['qwen3:8B', 'qwen3:8b'], ['hf.co/bartowski/gemma', undefined]] as const) assert.equal(findModel(names, wanted), found, wanted);
    assert.equal(findModel(['plain'], 'plain:latest'), 'plain');
  });
  it('lead to what was probably meant', () => {
    for (const [wanted, near] of [['qwen3:8', 'qwen3:8b'], ['qwen3', 'qwen3:8b'], ['qwen3-coder-30b', 'qwen/qwen3-coder-30b'], ['gemma', 'hf.co/bartowski/gemma:Q4'], ['mistral', undefined]] as const) assert.equal(nearest(names, wanted), near, wanted);
  });
});

describe('licences', () => {
  it('are called by their names', () => {
    assert.equal(shortLicense('   Apache License\n   Version 2.0, January 2004\n'), 'Apache License 2.0');
    assert.equal(shortLicense('MIT License\n\nCopyright (c) DeepSeek'), 'MIT License');
    assert.equal(shortLicense('\n\n  LLAMA 3.2 COMMUNITY   LICENSE AGREEMENT\nLlama 3.2 Version Release Date'), 'LLAMA 3.2 COMMUNITY LICENSE AGREEMENT');
    assert.equal(shortLicense(' \n---\n'), undefined);
  });
});

describe('lifecycle records', () => {
  it('promise what they have, and say what to do instead of the rest', async () => {
    for (const id of serverKindIds) {
      const kind = lifecycleOf(id);
      if (!kind) continue;
      assert.deepEqual(Object.keys(await kind.actions()).sort(), [...kind.abilities].sort(), id);
      assert.ok(kind.suggestions.length > 3);
      for (const text of [kind.afterCancel, ...Object.values(kind.instead)]) assert.doesNotMatch(text ?? '', /\.$/);
    }
    assert.deepEqual(Object.keys(lifecycleOf('lmstudio')?.instead ?? {}).sort(), ['copy', 'remove']);
    assert.equal(lifecycleOf('openai-api'), undefined);
  });
});

describe('a page of details', () => {
  it('reads well as it is', () => {
    const page = detailsMarkdown({ model: 'm', capabilities: ['tools'], instances: [{ id: 'm', contextLength: 8192 }], settings: [], sizeBytes: 4_700_000_000 }, 'box');
    assert.equal(page, '# m\n\nOn box.\n\n    size    4.7 GB\n    can     tools\n    loaded  with 8k context\n');
  });
});

describe('a pull', () => {
  /** Answers with a body that the test writes piece by piece. */
  function scripted(clock: FakeClock): { readonly call: LifecycleCall; write(text: string | Uint8Array): Promise<void>; end(): Promise<void>; readonly requests: HttpRequest[]; readonly left: () => boolean } {
    const requests: HttpRequest[] = [];
    const pieces: (Uint8Array | undefined)[] = [];
    let wake = (): void => {};
    let left = false;
    async function* body(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          if (signal?.aborted) throw new HttpFailure('aborted', 'cancelled');
          const piece = pieces.shift();
          if (piece) yield piece;
          else if (pieces.length > 0) return;
          else {
            const { promise, resolve } = Promise.withResolvers<void>();
            wake = resolve;
            signal?.addEventListener('abort', () => resolve(), { once: true });
            if (ended && pieces.length === 0) return;
            await promise;
          }
        }
      } finally {
        left = true;
      }
    }
    let ended = false;
    const http: Http = {
      async request(request) {
        requests.push(request);
        return { status: 200, headers: {}, body: body(request.signal) };
      },
      dispose() {},
    };
    return {
      call: { server: serverAt('ollama', 'http://127.0.0.1:11434'), key: undefined, http, clock, signal: new AbortController().signal },
      requests,
      left: () => left,
      async write(text) {
        pieces.push(typeof text === 'string' ? new TextEncoder().encode(text) : text);
        wake();
        await settle();
      },
      async end() {
        ended = true;
        wake();
        await settle();
      },
    };
  }

  const { pull } = ollamaActions;
  assert.ok(pull);
  const line = (value: object): string => `${JSON.stringify(value)}\n`;
  const part = (completed: number): string => line({ status: 'pulling 1', digest: 'sha256:1', total: 1000, completed });

  async function errorOf(promise: Promise<unknown>): Promise<{ readonly code: string; readonly message: string; readonly hint: string | undefined }> {
    try {
      await promise;
    } catch (error) {
      assert.ok(isOperatorError(error), String(error));
      return error;
    }
    return assert.fail('it did not fail');
  }

  it('has no limit as long as bytes come, and one where they stop, whatever lines come', async () => {
    const clock = new FakeClock();
    const server = scripted(clock);
    const failed = errorOf(pull(server.call, 'm', () => {}));
    await server.write(line({ status: 'pulling manifest' }));
    for (let done = 0; done < 100; done++) {
      await server.write(part(done));
      await clock.advance(stallMs - 1);
    }
    // The same count again and again is no progress.
    for (let minute = 0; minute < 3; minute++) {
      await server.write(part(99));
      await clock.advance(60_000);
    }
    const { code, message, hint } = await failed;
    assert.deepEqual([code, message, hint], ['http', 'm could not be pulled: nothing moved on my-ollama for 2 minutes', 'Pull it again: it goes on where it stopped']);
    assert.ok(server.left());
    assert.equal(clock.pending, 0);
  });

  it('waits longer while what came is checked', async () => {
    const clock = new FakeClock();
    const server = scripted(clock);
    const pulling = pull(server.call, 'm', () => {});
    await server.write(part(1000));
    await server.write(line({ status: 'verifying sha256 digest' }));
    await clock.advance(workMs - 1);
    await server.write(line({ status: 'success' }));
    assert.deepEqual(await pulling, { model: 'm', already: true });
    assert.equal(clock.pending, 0);
  });

  it('reads the same however its bytes are cut', async () => {
    const text = [line({ status: 'pulling manifest' }), line({ status: 'pulling ü', digest: 'sha256:ü', total: 1000, completed: 10 }), '\n', line({ status: 'verifying' }), line({ status: 'success' })].join('');
    const bytes = new TextEncoder().encode(text);
    const read = async (cuts: readonly number[]): Promise<readonly PullProgress[]> => {
      const server = scripted(new FakeClock());
      const seen: PullProgress[] = [];
      const pulling = pull(server.call, 'm', (progress) => seen.push(progress));
      const places = [...new Set([0, ...cuts.map((cut) => cut % bytes.length), bytes.length])].sort((a, b) => a - b);
      for (const [index, place] of places.slice(1).entries()) await server.write(bytes.slice(places[index], place));
      await pulling;
      return seen;
    };
    const whole = await read([]);
    assert.equal(whole.length, 3);
    await fc.assert(fc.asyncProperty(fc.array(fc.nat(), { maxLength: 12 }), async (cuts) => assert.deepEqual(await read(cuts), whole)), { numRuns: 60 });
  });

  it('does not take a cut line for an end, nor an end for success', async () => {
    const server = scripted(new FakeClock());
    const failed = errorOf(pull(server.call, 'm', () => {}));
    await server.write(part(500));
    await server.write('{"status":"succ');
    await server.end();
    assert.match((await failed).message, /ended the download before it was complete/);
  });

  it('of LM Studio stands as long as it may, paused or not', async () => {
    const clock = new FakeClock();
    let status = 'downloading';
    const http = new FakeHttp(() => ({ body: JSON.stringify({ job_id: 'j', status, total_size_bytes: 1000, downloaded_bytes: 10 }) }));
    const call: LifecycleCall = { server: serverAt('lmstudio', 'http://127.0.0.1:1234'), key: undefined, http, clock, signal: new AbortController().signal };
    const seen: string[] = [];
    const failed = errorOf(Promise.resolve(lmstudioActions.pull?.(call, 'm', (progress) => seen.push(progress.status))));
    await clock.advance(stallMs - 1000);
    status = 'paused';
    await clock.advance(stallMs * 3);
    assert.equal(seen.at(-1), 'paused in LM Studio');
    status = 'downloading';
    await clock.advance(stallMs + 2000);
    assert.match((await failed).message, /nothing moved on my-lmstudio for 2 minutes/);
    assert.equal(clock.pending, 0);
  });
});
