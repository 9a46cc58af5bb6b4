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
    const next = document.getElementById('scroll');
    if (next) [next.scrollLeft, next.scrollTop] = [left, top];
    // A button that cannot be pressed any more hands the keyboard to the other one.
    const target = focused ? document.getElementById(focused) : undefined;
    (target?.disabled ? document.querySelector('.actions button:not([disabled])') : target)?.focus();
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
