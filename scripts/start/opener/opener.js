const vscode = require('vscode');

exports.activate = async () => {
  // A container's own command exists as soon as its extension is known, before that extension runs.
  await vscode.commands.executeCommand('workbench.view.extension.operator');
};
