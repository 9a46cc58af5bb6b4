/** Which function answers which command. Each group is loaded at its first use. */
import * as vscode from 'vscode';
import { showError } from '../errors.ts';
import type { Host } from '../host.ts';
import { type CommandId, commandIds as ids } from '../ids.ts';

/** `target` is a row of the tree, a name or id (key bindings, links), or nothing: then the command asks. */
type Handler = (host: Host, target: unknown) => Promise<unknown>;

const launch = () => import('./launch.ts');
const servers = () => import('./servers.ts');
const models = () => import('./models.ts');
const delegators = () => import('./delegators.ts');
const tools = () => import('./tools.ts');
const keys = () => import('./keys.ts');
const sessions = () => import('./sessions.ts');
const startServer = () => import('./start-server.ts');
const config = () => import('./config.ts');
const testing = () => import('./test-model.ts');
const gateway = () => import('./gateway.ts');

/** One entry for every command: a forgotten one is a compile error. */
export const handlers: Readonly<Record<CommandId, Handler>> = {
  [ids.addModelServer]: async (host, target) => (await servers()).addModelServer(host, target),
  [ids.addFoundServer]: async (host, target) => (await servers()).addFoundServer(host, target),
  [ids.chatWithModel]: async (host, target) => (await launch()).chatWithModel(host, target),
  [ids.copyBaseUrl]: async (host, target) => (await servers()).copyBaseUrl(host, target),
  [ids.copyGatewayAddress]: async (host) => (await gateway()).copyGatewayAddress(host),
  [ids.copyModel]: async (host, target) => (await models()).copyModel(host, target),
  [ids.copyModelName]: async (host, target) => (await servers()).copyModelName(host, target),
  [ids.createConfig]: async (host) => (await config()).createConfig(host),
  [ids.createDelegator]: async (host, target) => (await delegators()).createDelegator(host, target),
  [ids.createDelegatorHere]: async (host, target) => (await delegators()).createDelegatorHere(host, target),
  [ids.deleteDelegator]: async (host, target) => (await delegators()).deleteDelegator(host, target),
  [ids.deleteModel]: async (host, target) => (await models()).deleteModel(host, target),
  [ids.deleteModelServer]: async (host, target) => (await servers()).deleteModelServer(host, target),
  [ids.duplicateDelegator]: async (host, target) => (await delegators()).duplicateDelegator(host, target),
  [ids.editDelegator]: async (host, target) => (await delegators()).editDelegator(host, target),
  [ids.editModelServer]: async (host, target) => (await servers()).editModelServer(host, target),
  [ids.forgetSession]: async (host, target) => (await sessions()).forgetSession(host, target),
  [ids.installTool]: async (host, target) => (await tools()).installTool(host, target),
  [ids.launchAdHoc]: async (host) => (await launch()).launchAdHoc(host),
  [ids.launchDelegator]: async (host, target) => (await launch()).launchDelegator(host, target),
  [ids.launchTool]: async (host, target) => (await launch()).launchTool(host, target),
  [ids.launchWithOptions]: async (host, target) => (await launch()).launchWithOptions(host, target),
  [ids.loadModel]: async (host, target) => (await models()).loadModel(host, target),
  [ids.openConfig]: async (host) => (await config()).openConfig(host),
  [ids.probeModelServer]: async (host, target) => (await servers()).probeModelServer(host, target),
  [ids.probeModelServers]: async (host) => (await servers()).probeModelServers(host),
  [ids.pullModel]: async (host, target) => (await models()).pullModel(host, target),
  [ids.refresh]: async (host) => (await config()).refresh(host),
  [ids.refreshModels]: async (host, target) => (await servers()).refreshModels(host, target),
  [ids.removeApiKey]: async (host, target) => (await keys()).removeApiKey(host, target),
  [ids.restartGateway]: async (host) => (await gateway()).restartGateway(host),
  [ids.setApiKey]: async (host, target) => (await keys()).setApiKey(host, target),
  [ids.setDefaultTool]: async (host, target) => (await tools()).setDefaultTool(host, target),
  [ids.showGatewayLog]: async (host) => (await gateway()).showGatewayLog(host),
  [ids.showLaunchPlan]: async (host, target) => (await launch()).showLaunchPlan(host, target),
  [ids.showLog]: async (host) => host.channel.show(),
  [ids.showModelDetails]: async (host, target) => (await models()).showModelDetails(host, target),
  [ids.showSession]: async (host, target) => (await sessions()).showSession(host, target),
  [ids.startGateway]: async (host) => (await gateway()).startGateway(host),
  [ids.startModelServer]: async (host, target) => (await startServer()).startModelServer(host, target),
  [ids.stopGateway]: async (host) => (await gateway()).stopGateway(host),
  [ids.stopSession]: async (host, target) => (await sessions()).stopSession(host, target),
  [ids.testModel]: async (host, target) => (await testing()).testModel(host, target),
  [ids.unloadModel]: async (host, target) => (await models()).unloadModel(host, target),
};

/** Whatever a command throws is logged and shown once, here. */
export function registerCommands(host: Host): vscode.Disposable {
  const registrations = Object.entries(handlers).map(([id, handler]) =>
    vscode.commands.registerCommand(id, async (target: unknown) => {
      try {
        return await handler(host, target);
      } catch (error) {
        await showError(host.ui, host.log, id, error);
        return undefined;
      }
    }),
  );
  return vscode.Disposable.from(...registrations);
}
