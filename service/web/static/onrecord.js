"use strict";

// Everything works without this file. With it, answers arrive without a page load and quotes can be copied.

document.documentElement.classList.add("scripted");

const say = (words) => {
  document.getElementById("live").textContent = words;
};

const parse = (html) => new DOMParser().parseFromString(html, "text/html");

const fail = (title, detail) => {
  const told = document.createElement("div");
  told.className = "failure";
  told.setAttribute("role", "alert");
  told.append(Object.assign(document.createElement("strong"), { textContent: `${title}. ` }), detail);
  document.getElementById("failure").replaceChildren(told);
};

const wait = (form, busy) => {
  form.setAttribute("aria-busy", String(busy));
  form.querySelector("[type=submit]").textContent = busy ? "Asking…" : "Ask";
  if (busy) say("Searching the record");
};

let shown = location.search;

const show = (added) => {
  const form = document.getElementById("ask");
  const next = added.querySelector("form");
  const exchange = added.querySelector("article");
  document.getElementById("intro")?.remove();
  document.getElementById("thread").append(exchange);
  form.replaceWith(next);
  history.pushState(null, "", next.dataset.address);
  shown = location.search;
  const question = exchange.querySelector(".asked");
  document.title = `${question.querySelector("bdi").textContent.slice(0, 60)} — OnRecord`;
  question.focus({ preventScroll: true });
  exchange.scrollIntoView({ block: "start" });
  say((exchange.querySelector(".summary") ?? exchange.querySelector(".nothing h3")).textContent);
};

const ask = async (form) => {
  if (form.getAttribute("aria-busy") === "true") return;
  wait(form, true);
  try {
    const response = await fetch(`${form.dataset.fragment}?${new URLSearchParams(new FormData(form))}`);
    const html = await response.text();
    wait(form, false);
    const added = parse(html);
    if (response.ok) {
      show(added);
    } else if (added.querySelector(".failure")) {
      document.getElementById("failure").replaceChildren(added.querySelector(".failure"));
      document.getElementById("q").focus();
    } else {
      fail("The question could not be asked", `The server answered with status ${response.status}.`);
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // what fetch throws when there is no answer at all
    wait(form, false);
    fail("The server did not answer", "See that it is running, then ask again.");
  }
};

const copyText = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea"); // pages that do not come over HTTPS have no clipboard API
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
};

const textAt = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw new TypeError(`The server answered with status ${response.status}.`);
  return response.text();
};

const copyFrom = async (address) => {
  if (!navigator.clipboard?.write) return copyText(await textAt(address));
  const text = textAt(address).then((words) => new Blob([words], { type: "text/plain" }));
  text.catch(() => {}); // the clipboard may refuse before it waits for the text, and then nobody would
  return navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]); // begun in the click, as Safari wants
};

const tell = (button, told, spoken) => {
  const before = button.dataset.label ?? button.textContent;
  button.dataset.label = before;
  button.textContent = told;
  say(spoken);
  setTimeout(() => {
    button.textContent = before;
  }, 2000);
};

const copy = async (button) => {
  const link = button.closest("li")?.querySelector("a");
  if (button.dataset.copy !== undefined) {
    await copyText(button.dataset.copy);
    tell(button, "Copied", `${button.dataset.what ?? "Quote and citation"} copied`);
    return;
  }
  try {
    await copyFrom(link.href);
    tell(button, "Copied", `${link.textContent} copied`);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
    tell(button, "Failed", `${link.textContent} could not be copied`);
  }
};

// The forms of a citation are plain links; what they lead to can be copied too.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.matches?.(".cite") || !target.open || target.querySelector(".copy")) return;
    for (const link of target.querySelectorAll("a")) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "copy" });
      button.textContent = "Copy";
      button.setAttribute("aria-label", `Copy ${link.textContent}`);
      link.after(button);
    }
  },
  true,
);

document.addEventListener("submit", (event) => {
  if (event.target.id !== "ask") return;
  event.preventDefault();
  ask(event.target);
});

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "q" || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest(".copy");
  if (button) copy(button);
});

addEventListener("popstate", () => {
  if (location.search !== shown) location.reload();
});

addEventListener("DOMContentLoaded", () => {
  if (!location.hash) document.getElementById("passage")?.scrollIntoView({ block: "center", behavior: "instant" });
});
