// What pages do in the browser beyond HTML and CSS: copying, relative times, the tree of scopes, and no form sent
// twice. Everything but copying works without it.
import '@github/clipboard-copy-element';
import '@github/relative-time-element';

/** Told to screen readers; the tick is for the others. */
function tellCopied() {
  const live = document.getElementById('live');
  if (live !== null) live.textContent = 'Copied!';
}

document.addEventListener('clipboard-copy', (event) => {
  const button = event.target;
  button.classList.add('copied');
  tellCopied();
  setTimeout(() => button.classList.remove('copied'), 2000);
});

/** A double click must not send a form twice: the second answer would hide the first one's token. */
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.method !== 'post') return;
  if (form.dataset.sent !== undefined) event.preventDefault();
  form.dataset.sent = '';
});

/** A form that was held up by `Confirm access` goes on by itself; without a script, by its button. */
document.querySelector('form[data-goes-on]')?.requestSubmit();

/** Pages that come back from the browser's memory may be sent again. */
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});

/** A ticked parent stands for its children: they show as ticked and can't be changed on their own. */
function followParent(parent) {
  const inside = parent.closest('li').querySelectorAll(':scope > ul input[type="checkbox"]');
  for (const child of inside) {
    if (parent.checked && !child.disabled) child.dataset.own = String(child.checked);
    if (!parent.checked && child.disabled) child.checked = child.dataset.own === 'true';
    if (parent.checked) child.checked = true;
    child.disabled = parent.checked;
  }
}

for (const tree of document.querySelectorAll('.scope-tree')) {
  const boxes = () => tree.querySelectorAll('input[type="checkbox"]');
  const follow = () => {
    for (const box of boxes()) if (!box.disabled) followParent(box);
  };
  tree.addEventListener('change', follow);
  addEventListener('pageshow', follow);
  follow();
}
