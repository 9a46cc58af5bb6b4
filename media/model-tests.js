// The page of a model test: shows what the extension renders, and tells it which button was pressed.
(function () {
  const vscode = acquireVsCodeApi();
  const main = document.getElementById('main');
  const status = document.getElementById('status');

  window.addEventListener('message', ({ data }) => {
    if (data?.type !== 'render' || typeof data.html !== 'string') return;
    const focused = document.activeElement?.id;
    const scroll = document.getElementById('scroll');
    const [left, top] = scroll ? [scroll.scrollLeft, scroll.scrollTop] : [0, 0];
    const known = new Map([...document.querySelectorAll('details')].map((details) => [details.id, details.open]));
    // Escaped by the extension; scripts of its own would be stopped by the page's policy.
    main.innerHTML = data.html;
    for (const details of document.querySelectorAll('details')) if (known.has(details.id)) details.open = known.get(details.id);
    const region = document.getElementById('scroll');
    if (region) [region.scrollLeft, region.scrollTop] = [left, top];
    // The buttons stay, so that the keyboard stays on them; one that cannot be pressed any more hands it to the other one.
    const [again, cancel] = ['again', 'cancel'].map((id) => document.getElementById(id));
    again.disabled = data.running;
    cancel.disabled = !data.running;
    const target = focused ? document.getElementById(focused) : undefined;
    const next = target === again || target === cancel ? (data.running ? cancel : again) : target;
    if (next && document.activeElement !== next) next.focus();
    // Only what is new is read out.
    if (status.textContent !== data.status) status.textContent = data.status;
    vscode.setState(data.saved);
  });

  document.addEventListener('click', (event) => {
    const action = event.target.closest?.('[data-action]')?.dataset.action;
    if (action) vscode.postMessage({ type: 'action', action });
  });

  vscode.postMessage({ type: 'ready' });
})();
