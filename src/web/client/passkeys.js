// Asks the browser for passkeys and security keys. A form that needs one is hidden until this script shows it: it asks
// the server for a challenge, the browser for an answer, and sends that in the form's field `response`.

const canAsk = typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === 'function';

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const { party } = form.dataset;
  const isAtHome = location.hostname === party || location.hostname.endsWith(`.${party}`);
  if (!canAsk || !isAtHome) continue;
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (form.dataset.asking === undefined) ask(form);
  });
}

if (canAsk && document.querySelector('form[data-passkey]:not([hidden])') !== null) {
  for (const hint of document.querySelectorAll('[data-no-passkey]')) hint.hidden = true;
}

/** Runs the whole exchange and sends the form, or says in it what went wrong. */
async function ask(form) {
  const trouble = form.querySelector('[data-trouble]');
  trouble.hidden = true;
  form.dataset.asking = '';
  try {
    const { passkey: what, challenge } = form.dataset;
    const answer = await fetch(challenge, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
    const isJson = answer.headers.get('content-type')?.startsWith('application/json');
    if (!answer.ok || !isJson) throw new Error('This page is out of date: reload it, and try again.');
    const options = await answer.json();
    const credential =
      what === 'create'
        ? await navigator.credentials.create({
            publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
          })
        : await navigator.credentials.get({
            publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
          });
    form.elements.response.value = JSON.stringify(credential);
    form.submit();
  } catch (error) {
    trouble.textContent = sentenceOf(error);
    trouble.hidden = false;
    delete form.dataset.asking;
    delete form.dataset.sent;
  }
}

/** What the browser's own names of errors mean to people. */
function sentenceOf(error) {
  switch (error.name) {
    case 'NotAllowedError':
      return 'It was cancelled, took too long, or there is no fitting key on this device.';
    case 'InvalidStateError':
      return 'This device or key is added already.';
    case 'NotSupportedError':
    case 'ConstraintError':
      return 'This device or key can not do what is needed.';
    default:
      return error.message;
  }
}
