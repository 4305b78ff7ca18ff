/**
 * The script of the two pages with passkeys: it asks the browser for what only a script can ask for, puts the answer into
 * the form that was sent off, and sends it. Where the dashboard says itself what is wrong, as of a password, its words stand
 * beside the button. Without it, or in a browser without passkeys, those forms stay hidden.
 */
export const passkeyScript = `
for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!window.PublicKeyCredential || !PublicKeyCredential.parseCreationOptionsFromJSON) continue;
  form.hidden = false;
  const problem = form.querySelector('[data-problem]');
  const failed = problem.textContent;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    problem.hidden = true;
    let said = failed;
    try {
      const answer = await fetch(form.dataset.options, { method: 'POST', body: new URLSearchParams(new FormData(form)), redirect: 'error' });
      if (answer.status === 422 || answer.status === 429) said = (await answer.json()).problem;
      if (!answer.ok) throw new Error('The page answered ' + answer.status + '.');
      const options = await answer.json();
      const credential = form.dataset.passkey === 'add'
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.response.value = JSON.stringify(credential);
      form.submit();
    } catch {
      problem.textContent = said;
      problem.hidden = false;
    }
  });
}
`;
