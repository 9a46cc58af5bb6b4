/** What is proved of every pairing of agent and protocol. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentRun } from '../support/agents.ts';
import { until } from '../support/cli.ts';
import { type Part, proofOf } from '../support/dialects/index.ts';
import type { ScriptedUpstream, UpstreamRequest } from '../support/scripted-upstream.ts';
import { createPicture } from './picture.ts';
import { type CellOptions, createStage, reachesServerOnly, type Stage } from './stage.ts';

/** Of more than one byte each in UTF-8, and one of two units in UTF-16. */
const marks = 'größer → 日本 🐎';
const question = `Which is the answer? (${marks})`;
const answer = `The scripted answer is forty-two. ${marks} And that is all.`;

export interface Case {
  readonly name: 'text' | 'tools' | 'image' | 'thinking' | 'abort';
  readonly proves: string;
  /** @throws when the cell does not work. @returns what was measured, for the report */
  run(options: CellOptions): Promise<Outcome>;
}

export interface Outcome {
  /** What the gateway left out or approximated. */
  readonly warnings: readonly string[];
  /** Abort: from the end of the agent until the server saw its connection close. */
  readonly leftAfterMs?: number;
}

export const cases: readonly Case[] = [
  {
    name: 'text',
    proves: 'A question with characters of several bytes reaches the server, and its streamed answer is printed whole, from one request.',
    run: (options) =>
      onStage(options, () => [say(answer)], async (stage) => {
        const run = await stage.run({ options: { prompt: question, headless: true } });
        printed(run, answer);
        const [turn, ...more] = turnsOf(stage.upstream);
        assert.deepEqual(more, [], 'the agent asked more than once');
        assert.ok(turn?.streamed, 'the server was not asked to stream');
        assert.ok(turn.text.includes(marks), 'the question did not reach the server');
      }),
  },
  {
    name: 'tools',
    proves: 'The model calls the agent’s own tool for one file and then, at once, for two; the files are written; every result reaches the server; the answer is printed.',
    run: (options) => {
      const content = `made by ${options.cli.name}: ${marks}`;
      const make = (project: string, name: string): Part => ({ type: 'call', ...options.cli.write(project, name, content) });
      const turns = (project: string): readonly (readonly Part[])[] => [[say('I begin with one file. '), make(project, 'one.txt')], [make(project, 'two.txt'), make(project, 'three.txt')]];
      return onStage(options, (results, stage) => turns(stage.place.project)[results] ?? [say(answer)], async (stage) => {
        const run = await stage.run({ options: { prompt: 'Make three files.', headless: true } });
        printed(run, answer);
        for (const name of ['one.txt', 'two.txt', 'three.txt']) {
          const path = join(stage.place.project, name);
          assert.ok(existsSync(path), `${name} was not written`);
          assert.equal(readFileSync(path, 'utf8'), content);
        }
        assert.deepEqual(turnsOf(stage.upstream).map(({ toolResults }) => toolResults.length), [0, 1, 3]);
      });
    },
  },
  {
    name: 'image',
    proves: 'A picture in the prompt and another one that the agent’s tool reads arrive at the server byte for byte, as pictures of its own protocol.',
    run: (options) =>
      onStage(options, (results, stage) => (results === 0 ? [{ type: 'call', ...options.cli.view(stage.place.project, 'read.png') }] : [say(answer)]), async (stage) => {
        const { project } = stage.place;
        const [shown, read] = [createPicture(), createPicture()];
        writeFileSync(join(project, 'shown.png'), shown);
        writeFileSync(join(project, 'read.png'), read);
        const { flags, mention } = options.cli.show(project, 'shown.png');
        const run = await stage.run({ options: { prompt: `Look at the picture ${mention}`, headless: true, flags } });
        printed(run, answer);
        const pictures = turnsOf(stage.upstream).map((turn) => turn.pictures.map((data) => (data === shown.toString('base64') ? 'shown' : data === read.toString('base64') ? 'read' : 'another')));
        assert.deepEqual(pictures, [['shown'], ['shown', 'read']]);
      }),
  },
  {
    name: 'thinking',
    proves: 'The model thinks before a tool call and again before the next; the agent goes on, and every following request hands the thoughts back as the server needs them: with its own signatures, or as text where it has none.',
    run: (options) => {
      const thought = (turn: number): Part => ({ type: 'thinking', text: `Thought ${turn}: I should write a file. ${marks}` });
      const make = (project: string, name: string): Part => ({ type: 'call', ...options.cli.write(project, name, 'thought of') });
      return onStage(options, (results, { place: { project } }) => [thought(results), ...(results < 2 ? [make(project, `${results}.txt`)] : [say(answer)])], async (stage) => {
        const run = await stage.run({ options: { prompt: 'Think, and make two files.', headless: true }, modelProperties: options.cli.thinking });
        printed(run, answer);
        const turns = turnsOf(stage.upstream);
        assert.deepEqual(turns.map(({ toolResults }) => toolResults.length), [0, 1, 2]);
        for (const [index, turn] of turns.entries()) assert.deepEqual(handedBack(stage, turn), turns.slice(0, index).map(({ sequence }, at) => expectedThought(stage, sequence, thought(at))), `thoughts in request ${index + 1}`);
      });
    },
  },
  {
    name: 'abort',
    proves: 'The agent is ended in the middle of an answer; within a second the server sees its connection close, and the gateway is done with the request. (That it takes the gateway less than 100 ms is a test of its own.)',
    async run(options) {
      let leftAfterMs = 0;
      const outcome = await onStage(
        options,
        () => [say(answer)],
        async (stage) => {
          const controller = new AbortController();
          const running = stage.run({ options: { prompt: question, headless: true }, signal: controller.signal });
          let endedAt = 0;
          try {
            await until(() => turnsOf(stage.upstream).some(({ halfway }) => halfway), () => 'the server was not asked', 30_000);
          } finally {
            endedAt = performance.now();
            controller.abort();
            await running;
          }
          const halted = stage.upstream.requests.filter(({ halfway }) => halfway);
          await until(() => halted.every(({ leftAt }) => leftAt !== undefined), () => 'the gateway still holds its connection to the server', 2000);
          leftAfterMs = Math.max(...halted.map(({ leftAt = Infinity }) => leftAt - endedAt));
          assert.ok(leftAfterMs < 1000, `the server was left after ${leftAfterMs} ms`);
          const id = options.gateway.sessions.find(stage.token)?.spec.id;
          await until(() => options.gateway.records.filter(({ session }) => session === id).length >= halted.length, () => 'the gateway still works on the request', 2000);
        },
        { stalls: true },
      );
      return { ...outcome, leftAfterMs };
    },
  },
];

type Reply = (toolResults: number, stage: Stage) => readonly Part[];

async function onStage(options: CellOptions, reply: Reply, act: (stage: Stage) => Promise<void>, { stalls = false } = {}): Promise<Outcome> {
  const stage: Stage = await createStage(options, { reply: (toolResults) => reply(toolResults, stage), stalls });
  try {
    await act(stage);
    reachesServerOnly(stage);
    const session = options.gateway.sessions.find(stage.token);
    assert.ok(session);
    return { warnings: options.gateway.sessions.list().find(({ id }) => id === session.spec.id)?.warnings ?? [] };
  } finally {
    await stage.dispose();
  }
}

function say(text: string): Part {
  return { type: 'text', text };
}

/** Requests of the conversation itself: those that offer tools. */
function turnsOf(upstream: ScriptedUpstream): readonly UpstreamRequest[] {
  return upstream.requests.filter(({ offeredTools }) => offeredTools.length > 0);
}

function printed(run: AgentRun, text: string): void {
  assert.equal(run.code, 0, `exit code ${run.code}\n${run.stdout}\n${run.stderr}`);
  assert.ok(run.stdout.includes(text), `the answer was not printed\n${run.stdout}\n${run.stderr}`);
}

/** Servers that sign their thoughts need the signature, the others the text. */
const signs = new Set(['anthropic-messages', 'openai-responses', 'gemini']);

function handedBack({ server: { protocol } }: Stage, turn: UpstreamRequest): readonly string[] {
  return turn.thoughts.map(({ text, proof }) => (signs.has(protocol) ? proof : text) ?? '');
}

function expectedThought({ server: { protocol } }: Stage, sequence: number, thought: Part): string {
  return signs.has(protocol) ? proofOf(sequence) : 'text' in thought ? thought.text : '';
}
