// Gives the page's buttons their keys. Everything here is also done by a button or a link.
"use strict";
(() => {
  const items = () => [...document.querySelectorAll("[data-item]")];
  const isHere = (item) => item && item.classList.contains("here");
  const here = () => items().find(isHere);

  function stand(item, focus = true) {
    items().forEach((other) => other.classList.remove("here"));
    if (!item) return;
    item.classList.add("here");
    if (focus) {
      item.focus({ preventScroll: true });
      item.scrollIntoView({ block: "nearest" });
    }
  }

  function step(by) {
    const all = items();
    if (!all.length) return;
    const at = all.findIndex(isHere);
    stand(all[Math.min(Math.max(at + by, 0), all.length - 1)]);
  }

  // The button of a key: in the item that we stand on first, then anywhere.
  function press(key) {
    const find = (root) => root && root.querySelector(`[data-key="${CSS.escape(key)}"]`);
    const button = find(here()) || find(document);
    if (!button) return false;
    // Outside of an item it acts on what is marked, or else on where we stand.
    const form = button.form;
    if (form && form.querySelector("[data-mark]") && !form.querySelector("[data-mark]:checked")) mark(true);
    button.click();
    return true;
  }

  function mark(on) {
    const box = here() && here().querySelector("[data-mark]");
    if (box) box.checked = on === undefined ? !box.checked : on;
  }

  function panel(key) {
    const item = here() || items()[0];
    const details = item && item.querySelector(`details[data-panel="${CSS.escape(key)}"]`);
    if (!details) return false;
    stand(item, false);
    details.open = true;
    const field = details.querySelector("textarea, input:not([type=hidden])");
    if (field) field.focus();
    return true;
  }

  function open() {
    const link = here() && here().querySelector("[data-open]");
    if (link) link.click();
    return Boolean(link);
  }

  const keys = {
    j: () => (step(1), true),
    k: () => (step(-1), true),
    x: () => (mark(), true),
    o: open,
    Enter: open,
    e: () => panel("e"),
    r: () => panel("r"),
    "/": () => (document.getElementById("q").focus(), true),
  };

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    const typing = target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
    if (event.key === "Escape") {
      const details = target.closest("details[open]");
      if (details) details.open = false;
      if (typing) target.blur();
      if (details) stand(details.closest("[data-item]"));
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    // Enter belongs to the link or button that has the focus.
    if (event.key === "Enter" && !target.matches("[data-item]")) return;
    const done = keys[event.key] ? keys[event.key]() : press(event.key);
    if (done) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest('[data-key="?"]')) document.getElementById("help").showModal();
    const copy = event.target.closest("[data-copy]");
    if (copy) navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent);
  });

  document.addEventListener("focusin", (event) => {
    const item = event.target.closest("[data-item]");
    if (item && !isHere(item)) stand(item, false);
  });

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.dataset.words) {
      const words = field.value.split(/\s+/).filter(Boolean).length;
      const count = field.closest("form").querySelector("[data-count]");
      count.textContent = words;
      count.classList.toggle("over", words > Number(field.dataset.words));
    }
    if (field.matches("[data-echo]")) document.getElementById(field.dataset.echo).textContent = field.value;
  });

  // A form is sent once, however often its button is clicked.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) return event.preventDefault();
    event.target.dataset.sent = "yes";
  }, true);

})();
