/**
 * Every id that package.json contributes and the code uses. Nothing else in `src` spells one out;
 * `test/manifest.test.ts` proves that both sides agree.
 */

export const commandIds = {
  addModelServer: 'operator.addModelServer',
  addFoundServer: 'operator.addFoundServer',
  chatWithModel: 'operator.chatWithModel',
  copyBaseUrl: 'operator.copyBaseUrl',
  copyGatewayAddress: 'operator.copyGatewayAddress',
  copyModel: 'operator.copyModel',
  copyModelName: 'operator.copyModelName',
  createConfig: 'operator.createConfig',
  createDelegator: 'operator.createDelegator',
  createDelegatorHere: 'operator.createDelegatorHere',
  deleteDelegator: 'operator.deleteDelegator',
  deleteModel: 'operator.deleteModel',
  deleteModelServer: 'operator.deleteModelServer',
  duplicateDelegator: 'operator.duplicateDelegator',
  editDelegator: 'operator.editDelegator',
  editModelServer: 'operator.editModelServer',
  forgetSession: 'operator.forgetSession',
  installTool: 'operator.installTool',
  launchAdHoc: 'operator.launchAdHoc',
  launchDelegator: 'operator.launchDelegator',
  launchTool: 'operator.launchTool',
  launchWithOptions: 'operator.launchWithOptions',
  loadModel: 'operator.loadModel',
  openConfig: 'operator.openConfig',
  probeModelServer: 'operator.probeModelServer',
  probeModelServers: 'operator.probeModelServers',
  pullModel: 'operator.pullModel',
  refresh: 'operator.refresh',
  refreshModels: 'operator.refreshModels',
  removeApiKey: 'operator.removeApiKey',
  restartGateway: 'operator.restartGateway',
  setApiKey: 'operator.setApiKey',
  setDefaultTool: 'operator.setDefaultTool',
  showGatewayLog: 'operator.showGatewayLog',
  showLaunchPlan: 'operator.showLaunchPlan',
  showLog: 'operator.showLog',
  showModelDetails: 'operator.showModelDetails',
  showSession: 'operator.showSession',
  startGateway: 'operator.startGateway',
  startModelServer: 'operator.startModelServer',
  stopGateway: 'operator.stopGateway',
  stopSession: 'operator.stopSession',
  testModel: 'operator.testModel',
  unloadModel: 'operator.unloadModel',
} as const;
export type CommandId = (typeof commandIds)[keyof typeof commandIds];

/** Commands that only lenses and fixes of our own call, with arguments that nobody types; the manifest has none of them. */
export const internalCommandIds = {
  applyFix: '_operator.applyFix',
  runLens: '_operator.runLens',
} as const;

/** Commands of VS Code itself that a row, a message or an entry of operator.toml offers. */
export const hostCommandIds = {
  manageTrust: 'workbench.trust.manage',
  open: 'vscode.open',
  revealInExplorer: 'revealInExplorer',
  setContext: 'setContext',
  showReferences: 'editor.action.showReferences',
  suggest: 'editor.action.triggerSuggest',
} as const;

export const viewId = 'operator.status';
export const viewContainerId = 'operator';
/** Type of the editor tab that shows a model test. */
export const testPanelType = 'operator.modelTest';
export const terminalProfileId = 'operator.delegator';
export const walkthroughId = 'operator.start';

/** Context keys for `when` clauses. */
export const contextKeys = {
  /** Which welcome text fits: see `WelcomeKind` in `tree/view.ts`. */
  welcome: 'operator.welcome',
} as const;

/** Settings, with their section; `settings.ts` has types and defaults. */
export const settingsSection = 'operator';
export const settingIds = {
  probeInterval: 'operator.probe.intervalSeconds',
  probeOnViewVisible: 'operator.probe.whenViewOpens',
  discovery: 'operator.discovery.enabled',
  terminalLocation: 'operator.terminal.location',
  codeLens: 'operator.editor.codeLens',
} as const;
export type SettingId = (typeof settingIds)[keyof typeof settingIds];

/** Where sessions are remembered across a window reload, in `workspaceState`. */
export const stateKeys = { sessions: 'operator.sessions' } as const;

/** Scheme of the read-only documents that show a launch plan. */
export const planScheme = 'operator-plan';

/** Scheme of the read-only documents that explain a problem. */
export const helpScheme = 'operator-help';

/** Extensions that tell about TOML in general. */
export const tomlExtensionIds = ['tamasfe.even-better-toml', 'tombi-toml.tombi'] as const;

/** Set in a launched agent's environment, so that its terminal is known again after a reload. */
export const sessionVariable = 'OPERATOR_SESSION_ID';

export const logName = 'Operator';
