// SPDX-License-Identifier: Apache-2.0
// Sends the form as JSON; the answer's cookie is the session, which no script ever sees.

const form = document.getElementById("sign-in");
const fault = document.getElementById("fault");
const button = form.querySelector("button");

if (sessionStorage.getItem("signed-out")) {
  sessionStorage.removeItem("signed-out");
  document.getElementById("note").textContent = "You are signed out.";
}

/** What a refusal means to the person in front. */
async function reasonOf(answer) {
  const problem = await answer.json().catch(() => ({}));
  if (answer.status === 401) return "Unknown user or wrong password.";
  if (answer.status === 429) return `Too many attempts. Try again in ${answer.headers.get("Retry-After")} s.`;
  return `Signing in failed: ${problem.detail ?? answer.status}.`;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  fault.textContent = "";
  button.disabled = true;
  try {
    const answer = await fetch("/api/v1/sessions", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: form.elements.user.value, password: form.elements.password.value }),
    });
    if (answer.ok) return location.replace("/");
    fault.textContent = await reasonOf(answer);
    form.elements.password.select();
  } catch {
    fault.textContent = "The server does not answer.";
  } finally {
    button.disabled = false;
  }
});
