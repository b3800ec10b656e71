// The search box: every word must be in a card's words. "/" goes there, Enter opens the first hit, Escape leaves.
"use strict";
const box = document.getElementById("search");
const found = document.getElementById("found");
const nothing = document.getElementById("nothing");
const cards = [...document.querySelectorAll("details[data-words]")];
const titles = [...document.querySelectorAll("main h2, main h3")];

function visibleAfter(title) {
  // Whether a card is left between this title and the next one of its rank.
  const ends = title.tagName === "H2" ? "H2" : "H2,H3";
  for (let each = title.nextElementSibling; each && !each.matches(ends); each = each.nextElementSibling) {
    if (each.matches("details:not([hidden])")) return true;
  }
  return false;
}

function search() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const card of cards) {
    card.hidden = !words.every((word) => card.dataset.words.includes(word));
    count += !card.hidden;
  }
  for (const title of titles) title.hidden = words.length > 0 && !visibleAfter(title);
  nothing.hidden = count > 0;
  found.textContent = words.length ? `${count} of ${cards.length}` : "";
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!(target instanceof HTMLDetailsElement)) return;
  if (target.hidden) { box.value = ""; search(); }
  target.open = true;
  target.scrollIntoView();
}

box.addEventListener("input", search);
box.addEventListener("keydown", (event) => {
  const first = cards.find((card) => !card.hidden);
  if (event.key === "Enter" && first) { first.open = true; first.querySelector("summary").focus(); }
  if (event.key === "Escape") { box.value = ""; search(); box.blur(); }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target !== box && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    box.focus();
    box.select();
  }
});
addEventListener("hashchange", openTarget);
openTarget();
search();
