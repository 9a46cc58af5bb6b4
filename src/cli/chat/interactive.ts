/** The chat on a terminal. */
import { createInterface } from 'node:readline';
import { chat } from '../../core/chat/chat.ts';
import { describeError } from '../../core/errors.ts';
import { switchVerdict } from '../../core/proving/switch.ts';
import { formatBytes, formatTokens } from '../../core/status/format.ts';
import type { NodePorts } from '../../platform/ports.ts';
import { exitCodes } from '../exit-codes.ts';
import { dim } from '../output/cells.ts';
import { renderTable } from '../output/table.ts';
import { harmless } from '../output/terminal.ts';
import type { Session } from '../session.ts';
import { answered, asking, emptyConversation } from './conversation.ts';
import type { ChatEndpoint } from './endpoint.ts';
import { createGate } from './gate.ts';
import { createPasteBoard } from './paste.ts';
import { ping } from './ping.ts';
import { createAnswerView } from './render.ts';
import { chooseModel, completeLine, isSameModel, type Line, parseLine, slashCommands } from './slash.ts';

/** Resolves with the exit code when the user leaves. */
export async function chatInteractively(session: Session, endpoint: ChatEndpoint, firstMessage: string | undefined, ports: Pick<NodePorts, 'http' | 'clock'>): Promise<number> {
  const { stdout: screen } = session;
  const pastes = createPasteBoard();
  const gate = createGate(process.stdin, process.stdout, { canMove: screen.canMove, put: pastes.put });
  let model = endpoint.model;
  let conversation = emptyConversation;
  let knownModels: readonly string[] = [];
  /** One more Ctrl+C at an empty prompt leaves. */
  let armed = false;
  let busy: AbortController | undefined;

  const readline = createInterface({
    input: gate.input,
    output: gate.output,
    terminal: true,
    historySize: 1000,
    removeHistoryDuplicates: true,
    completer: (line: string): [string[], string] => [[...completeLine(line, knownModels)], line],
  });

  function prompt(): void {
    readline.setPrompt(`${screen.paint(['cyan', 'bold'], '›')} `);
    readline.prompt();
  }

  function explain(text: string): void {
    screen.line(screen.paint('dim', text));
  }

  async function say(message: string, signal: AbortSignal): Promise<void> {
    const view = createAnswerView(screen, ports.clock);
    try {
      for await (const event of chat({ ...endpoint, model, messages: asking(conversation, message), http: ports.http, clock: ports.clock, signal })) view.show(event);
    } finally {
      view.end();
    }
    conversation = answered(conversation, message, view.answer);
  }

  async function chooseOrListModels(typed: string, signal: AbortSignal): Promise<void> {
    const models = await endpoint.listModels(signal);
    knownModels = models.map(({ id }) => id);
    if (typed === '') {
      const rows = models.map((info) => [
        isSameModel(info.id, model) ? { text: '›', paint: (text: string) => screen.paint('cyan', text) } : ' ',
        harmless(info.id),
        dim(screen, [info.parameters, info.sizeBytes === undefined ? undefined : formatBytes(info.sizeBytes), info.contextWindow === undefined ? undefined : `${formatTokens(info.contextWindow)} context`, info.loaded ? 'loaded' : undefined].filter((part) => part !== undefined).join(' · ')),
      ]);
      for (const line of renderTable(screen, rows, { indent: ' ' })) screen.line(line);
      explain('Switch with /model NAME');
      return;
    }
    const choice = chooseModel(typed, knownModels);
    switch (choice.type) {
      case 'found':
        if (!isSameModel(choice.model, model) && !(await maySwitchTo(choice.model, signal))) return;
        model = choice.model;
        explain(`Now with ${harmless(model)}${conversation.turns > 0 ? '; it sees the conversation so far' : ''}`);
        return;
      case 'several':
        explain(`Several models match: ${choice.models.map(harmless).join(', ')}`);
        return;
      case 'none':
        explain(`${endpoint.server.name} has no model ${harmless(typed)}${choice.near ? `; did you mean ${harmless(choice.near)}?` : ''}. See them with /model`);
    }
  }

  /** Asks the other model one word first: one on this machine that does not answer is not switched to. */
  async function maySwitchTo(other: string, signal: AbortSignal): Promise<boolean> {
    const outcome = await ping({ ...endpoint, model: other }, ports, signal);
    if (signal.aborted) throw new Error('stopped');
    const verdict = switchVerdict(outcome, endpoint.placement);
    if (verdict.type === 'switch') return true;
    const words = harmless(session.redact(`${verdict.message}${verdict.hint === undefined ? '' : `. ${verdict.hint}`}`));
    if (verdict.type === 'warn') screen.line(`${screen.paint('yellow', '▲')} ${harmless(other)} does not answer right now: ${words}`);
    else screen.line(`${screen.paint('red', '✖')} Still with ${harmless(model)}: ${harmless(other)} does not answer. ${words}`);
    return verdict.type === 'warn';
  }

  /** @returns whether to go on */
  async function handle(line: Exclude<Line, { type: 'empty' }>, signal: AbortSignal): Promise<boolean> {
    switch (line.type) {
      case 'message':
        await say(line.text, signal);
        return true;
      case 'unknown-command':
        explain(`There is no command /${line.typed}${line.near ? `; did you mean /${line.near}?` : ''}. See them with /help`);
        return true;
      case 'command':
        switch (line.name) {
          case 'exit':
            return false;
          case 'clear':
            conversation = emptyConversation;
            explain('The conversation is forgotten');
            return true;
          case 'help':
            printHelp(session);
            return true;
          case 'model':
            await chooseOrListModels(line.argument, signal);
            return true;
        }
    }
  }

  return new Promise((resolve, reject) => {
    let left = false;
    const leave = (code: number): void => {
      if (left) return;
      left = true;
      busy?.abort();
      for (const [signal, listener] of signals) process.off(signal, listener);
      gate.open();
      readline.close();
      gate.dispose();
      resolve(code);
    };

    const interrupt = (): void => {
      if (busy) {
        armed = true;
        busy.abort();
      } else if (readline.line !== '') {
        // From its end to its beginning, so that the whole of it goes.
        readline.write('', { ctrl: true, name: 'e' });
        readline.write('', { ctrl: true, name: 'u' });
      } else if (armed) {
        screen.line();
        leave(exitCodes.done);
      } else {
        armed = true;
        screen.line();
        explain('Press Ctrl+C again, or Ctrl+D, to leave');
        prompt();
      }
    };
    // From outside: `kill -INT`, and terminals that are closed.
    const signals = [
      ['SIGINT', interrupt],
      ['SIGTERM', () => leave(143)],
      ['SIGHUP', () => leave(129)],
    ] as const;
    for (const [signal, listener] of signals) process.on(signal, listener);

    const take = async (text: string): Promise<void> => {
      const line = parseLine(text);
      if (line.type === 'empty') {
        prompt();
        return;
      }
      armed = false;
      const controller = (busy = new AbortController());
      gate.shut(interrupt);
      let goOn = true;
      try {
        goOn = await handle(line, controller.signal);
      } catch (error) {
        // What went wrong with one message is told, and the chat goes on.
        if (controller.signal.aborted) explain('stopped');
        else screen.line(`${screen.paint('red', '✖')} ${harmless(session.redact(describeError(error)))}`);
      }
      busy = undefined;
      if (!goOn) {
        leave(exitCodes.done);
        return;
      }
      if (left) return;
      screen.line();
      gate.hold();
      prompt();
      gate.open();
    };

    readline.on('SIGINT', interrupt);
    readline.on('line', (line) => void take(pastes.expand(line)).catch(reject));
    readline.on('close', () => {
      if (left) return;
      screen.line();
      leave(exitCodes.done);
    });

    screen.line(`${screen.paint('bold', harmless(model))} ${screen.paint('dim', `on ${harmless(endpoint.server.name)} · /help for commands · Ctrl+C stops an answer · Ctrl+D leaves`)}`);
    screen.line();
    prompt();
    if (firstMessage !== undefined) {
      screen.line(harmless(firstMessage));
      void take(firstMessage).catch(reject);
    }
  });
}

function printHelp({ stdout }: Session): void {
  const rows = [
    ...slashCommands.map(({ name, argument, description }) => [`/${name}${argument === '' ? '' : ` ${argument}`}`, dim(stdout, description)]),
    ['↑ ↓', dim(stdout, 'earlier messages')],
    ['Ctrl+J, Alt+Enter', dim(stdout, 'a new line in the message; several lines can be pasted')],
    ['Ctrl+C', dim(stdout, 'stop the answer; at an empty prompt, leave')],
  ];
  for (const line of renderTable(stdout, rows, { indent: '  ' })) stdout.line(line);
}
