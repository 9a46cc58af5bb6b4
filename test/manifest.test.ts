/** package.json, package.nls.json and the code say the same: ids, commands, settings, texts. The host suite proves that VS Code agrees. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandIds, contextKeys, settingIds, settingsSection, terminalProfileId, viewContainerId, viewId, walkthroughId } from '../src/vscode/ids.ts';
import { readSettings, settingDefaults, terminalLocations } from '../src/vscode/settings.ts';

const root = join(import.meta.dirname, '..');

interface MenuItem {
  readonly command?: string;
  readonly when?: string;
  readonly group?: string;
}

interface Manifest {
  readonly main: string;
  readonly icon: string;
  readonly extensionKind: readonly string[];
  readonly activationEvents: readonly string[];
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly capabilities: { readonly untrustedWorkspaces: { readonly supported: string; readonly restrictedConfigurations: readonly string[] }; readonly virtualWorkspaces: { readonly supported: string } };
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string; readonly icon?: string; readonly enablement?: string }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly type: string; readonly default: unknown; readonly enum?: readonly string[]; readonly scope: string; readonly markdownDescription: string }>> };
    readonly viewsContainers: { readonly activitybar: readonly { readonly id: string; readonly icon: string }[] };
    readonly views: Readonly<Record<string, readonly { readonly id: string; readonly icon: string }[]>>;
    readonly viewsWelcome: readonly { readonly view: string; readonly contents: string; readonly when: string }[];
    readonly languages: readonly unknown[];
    readonly tomlValidation: readonly { readonly fileMatch: string; readonly url: string }[];
    readonly terminal: { readonly profiles: readonly { readonly id: string }[] };
    readonly walkthroughs: readonly { readonly id: string; readonly steps: readonly { readonly media: { readonly svg: string }; readonly completionEvents: readonly string[] }[] }[];
  };
}

const text = readFileSync(join(root, 'package.json'), 'utf8');
const manifest = JSON.parse(text) as Manifest;
const nls = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8')) as Readonly<Record<string, string>>;
const { contributes } = manifest;
const ids = Object.values(commandIds);
const menuItems = Object.entries(contributes.menus).flatMap(([menu, items]) => items.map((item) => ({ menu, ...item })));
const sources = globSync('src/{extension.ts,vscode/**/*.ts}', { cwd: root }).map((file) => ({ file: file.replaceAll('\\', '/'), text: readFileSync(join(root, file), 'utf8') }));

function sorted(values: Iterable<string>): readonly string[] {
  return [...values].sort();
}

describe('manifest', () => {
  it('contributes every command of ids.ts and no other', () => {
    assert.deepEqual(sorted(contributes.commands.map(({ command }) => command)), sorted(ids));
    assert.equal(new Set(ids).size, ids.length);
  });

  it('has a handler for every command', () => {
    const register = sources.find(({ file }) => file.endsWith('commands/register.ts'));
    assert.ok(register);
    const handled = [...register.text.matchAll(/\[ids\.(\w+)\]:/g)].map(([, name]) => name ?? '');
    assert.deepEqual(sorted(handled), sorted(Object.keys(commandIds)));
  });

  it('names every id in ids.ts and nowhere else in the code', () => {
    const literal = /['"`]((?:operator|workbench|vscode)\.[A-Za-z][\w.]*)['"`]/g;
    const found = sources.filter(({ file }) => !file.endsWith('/ids.ts')).flatMap(({ file, text: source }) => [...source.matchAll(literal)].map(([, id]) => `${file}: ${id}`));
    // A file name that starts the same way.
    assert.deepEqual(found.filter((line) => !line.endsWith(': operator.toml')), []);
  });

  it('puts all commands under one category, and no emoji or period into titles', () => {
    for (const { command, category, title } of contributes.commands) {
      assert.equal(category, '%category%', command);
      assert.match(nls[title.slice(1, -1)] ?? '', /^[A-Z][\w .]*[A-Za-z]$/, command);
    }
    const titles = contributes.commands.map(({ title }) => nls[title.slice(1, -1)]);
    assert.equal(new Set(titles).size, titles.length, 'two commands with one title cannot be told apart in the palette');
  });

  it('refers only to its own commands in menus, each with an icon where it is inline or in the title bar', () => {
    const byId = new Map(contributes.commands.map((command) => [command.command, command]));
    for (const { menu, command = '', group = '' } of menuItems) {
      const found = byId.get(command);
      assert.ok(found, `${menu} names ${command}`);
      if (group.startsWith('inline') || (menu === 'view/title' && group.startsWith('navigation'))) assert.match(found.icon ?? '', /^\$\([a-z-]+\)$/, `${command} in ${menu}`);
    }
  });

  it('matches whole tags of rows, in menus of the own view only', () => {
    const rowItems = menuItems.filter(({ menu }) => menu === 'view/item/context');
    assert.ok(rowItems.length > 20);
    for (const { when = '', command } of rowItems) {
      assert.ok(when.startsWith(`view == ${viewId} && viewItem =~ /`), `${command}: ${when}`);
      for (const [, pattern] of when.matchAll(/viewItem =~ \/(.+?)\/(?= |$)/g)) assert.match(pattern ?? '', /^(?:\(\^\|;\)[a-z_-]+;|\^[a-z_]+;section;)$/, when);
    }
  });

  it('asks only for tags that rows have', () => {
    const rows = globSync('src/core/status/*.ts', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
    const tags = new Set(menuItems.flatMap(({ when = '' }) => [...when.matchAll(/([a-z_]+);/g)].map(([, tag]) => tag ?? '')));
    assert.ok(tags.has('model_server'));
    assert.deepEqual([...tags].filter((tag) => !rows.includes(`'${tag}'`)), []);
  });

  it('hides from the palette only what another command of the palette asks for', () => {
    assert.deepEqual(contributes.menus['commandPalette'], [{ command: commandIds.addFoundServer, when: 'false' }]);
  });

  it('disables in untrusted workspaces whatever runs, sends or writes', () => {
    const enabled = contributes.commands.filter(({ enablement }) => enablement !== 'isWorkspaceTrusted').map(({ command }) => command);
    const harmless = ['copyBaseUrl', 'copyGatewayAddress', 'copyModelName', 'editDelegator', 'editModelServer', 'forgetSession', 'openConfig', 'refresh', 'showGatewayLog', 'showLaunchPlan', 'showLog', 'showSession', 'stopGateway', 'stopSession'];
    assert.deepEqual(sorted(enabled), sorted(harmless.map((name) => `operator.${name}`)));
  });

  it('contributes every setting with the default that the code falls back to', () => {
    const { properties } = contributes.configuration;
    assert.deepEqual(sorted(Object.keys(properties)), sorted(Object.values(settingIds)));
    for (const [id, property] of Object.entries(properties)) {
      assert.ok(id.startsWith(`${settingsSection}.`));
      assert.deepEqual(property.default, settingDefaults[id as keyof typeof settingDefaults], id);
      assert.equal(typeof property.default, property.type, id);
      assert.equal(property.scope, 'window', id);
    }
    assert.deepEqual(properties[settingIds.terminalLocation]?.enum, terminalLocations);
    const defaults = { get: <T>(id: string): T | undefined => properties[id]?.default as T | undefined };
    assert.deepEqual(readSettings(defaults), readSettings({ get: () => undefined }), 'reading the defaults equals reading nothing');
  });

  it('lets an untrusted workspace decide nothing about probes', () => {
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    assert.equal(untrustedWorkspaces.supported, 'limited');
    assert.equal(virtualWorkspaces.supported, 'limited');
    assert.deepEqual(sorted(untrustedWorkspaces.restrictedConfigurations), sorted([settingIds.probeInterval, settingIds.probeOnViewVisible, settingIds.discovery]));
    assert.deepEqual(manifest.extensionKind, ['workspace']);
  });

  it('has one container with one view, and texts for every way in which it can be empty', () => {
    assert.deepEqual(contributes.viewsContainers.activitybar.map(({ id }) => id), [viewContainerId]);
    assert.deepEqual(Object.entries(contributes.views).map(([container, views]) => [container, views.map(({ id }) => id)]), [[viewContainerId, [viewId]]]);
    const view = sources.find(({ file }) => file.endsWith('tree/view.ts'))?.text ?? '';
    const kinds = [...(/export type WelcomeKind = (.*);/.exec(view)?.[1] ?? '').matchAll(/'([a-z-]+)'/g)].map(([, kind]) => `${contextKeys.welcome} == ${kind}`);
    assert.deepEqual(sorted(contributes.viewsWelcome.map(({ when }) => when)), sorted(kinds));
    assert.ok(contributes.viewsWelcome.every(({ view: id }) => id === viewId));
  });

  it('contributes the terminal profile and the walkthrough of ids.ts', () => {
    assert.deepEqual(contributes.terminal.profiles.map(({ id }) => id), [terminalProfileId]);
    assert.ok(manifest.activationEvents.includes(`onTerminalProfile:${terminalProfileId}`));
    assert.deepEqual(contributes.walkthroughs.map(({ id }) => id), [walkthroughId]);
  });

  it('names only commands that exist in links and completion events', () => {
    const links = Object.values(nls).flatMap((value) => [...value.matchAll(/\(command:([\w.]+)/g)].map(([, id]) => id ?? ''));
    const events = contributes.walkthroughs.flatMap(({ steps }) => steps.flatMap(({ completionEvents }) => completionEvents)).flatMap((event) => /^onCommand:(.*)$/.exec(event)?.[1] ?? []);
    const own = [...links, ...events].filter((id) => id.startsWith(`${settingsSection}.`) && id !== `${viewId}.focus`);
    assert.ok(own.length > 8);
    assert.deepEqual(own.filter((id) => !ids.some((known) => known === id)), []);
    assert.ok(Object.values(nls).some((value) => value.includes(encodeURIComponent(`operator-dev.operator#${walkthroughId}`))), 'the welcome text opens the walkthrough');
  });

  it('has every text that the manifest names and no unused one', () => {
    const used = new Set([...text.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key ?? ''));
    assert.deepEqual(sorted(used), sorted(Object.keys(nls)));
    for (const [key, value] of Object.entries(nls)) assert.ok(value.trim() !== '', key);
  });

  it('writes no text for people into the manifest itself', () => {
    for (const [, key, value] of text.matchAll(/"(title|contents|altText|markdownDescription|contextualTitle)": "([^"]*)"/g)) assert.match(value ?? '', /^%[\w.]+%$/, key);
  });

  it('ships every picture that it names', () => {
    const files = [manifest.icon, contributes.viewsContainers.activitybar[0]?.icon ?? '', ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.svg))];
    for (const file of files) assert.ok(existsSync(join(root, file)), file);
    const png = readFileSync(join(root, manifest.icon));
    assert.equal(png.toString('latin1', 1, 4), 'PNG');
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [256, 256]);
  });

  it('calls operator.toml TOML, and takes no other file from whoever brings that language', () => {
    assert.deepEqual(contributes.languages, [{ id: 'toml', aliases: ['TOML'], filenames: ['operator.toml'] }]);
    assert.deepEqual(manifest.activationEvents.filter((event) => event.startsWith('onLanguage:')), ['onLanguage:toml']);
  });

  it('names the schema by an address that extensions for TOML can load, which a path in this package is not', () => {
    assert.deepEqual(contributes.tomlValidation.map(({ fileMatch }) => fileMatch), ['operator.toml']);
    for (const { url } of contributes.tomlValidation) assert.equal(new URL(url).protocol, 'https:');
  });

  it('is typed against the oldest VS Code that it supports', () => {
    assert.equal(`^${manifest.devDependencies['@types/vscode']}`, manifest.engines.vscode);
  });
});
