// Keyboard operation. Everything works without it; nothing here changes what a page says.
// Baseline Chromium 86. Off inside fields, and switched off in the dialog opened by "?".
(function () {
  "use strict";

  var OFF = "taizhang-keys-off";
  var help = document.getElementById("keys");
  var switchBox = document.getElementById("keys-on");
  var awaiting = false;
  var timer = 0;

  function stored() {
    // Storage may be refused (private windows); then the keys are simply on.
    try { return window.localStorage.getItem(OFF) === "1"; } catch (refused) { return false; }
  }

  function store(off) {
    try {
      if (off) { window.localStorage.setItem(OFF, "1"); } else { window.localStorage.removeItem(OFF); }
    } catch (refused) { /* remembered for this page only */ }
  }

  var off = stored();

  function typing(target) {
    return target instanceof Element && target.closest("input, select, textarea, [contenteditable]") !== null;
  }

  function search() {
    var box = document.querySelector(".field-search input") || document.getElementById("site-q");
    if (box) { box.focus(); box.select(); }
  }

  function rows() {
    return Array.prototype.filter.call(document.querySelectorAll(".grid .item"), function (row) {
      return row.querySelector("a") !== null && row.offsetParent !== null;
    });
  }

  function move(step) {
    var all = rows();
    if (all.length === 0) { return; }
    var here = all.findIndex(function (row) { return row.contains(document.activeElement); });
    var next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1);
    var link = all[next].querySelector(".c-name a") || all[next].querySelector("a");
    link.focus();
    all[next].scrollIntoView({ block: "nearest" });
  }

  function go(key) {
    var link = document.querySelector('.site-nav a[data-key="' + CSS.escape(key) + '"]');
    if (link) { window.location.assign(link.href); }
  }

  function openHelp() {
    if (help && typeof help.showModal === "function" && !help.open) { help.showModal(); }
  }

  function stopAwaiting() {
    awaiting = false;
    window.clearTimeout(timer);
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) { return; }
    if (event.key === "Escape") {
      stopAwaiting();
      if (typing(event.target)) { event.target.blur(); }
      return;
    }
    if (typing(event.target) || (help && help.open)) { return; }
    if (event.key === "?") { event.preventDefault(); openHelp(); return; }
    if (off) { return; }
    if (awaiting) {
      stopAwaiting();
      go(event.key);
      return;
    }
    if (event.key === "/") { event.preventDefault(); search(); }
    else if (event.key === "j") { move(1); }
    else if (event.key === "k") { move(-1); }
    else if (event.key === "g") {
      awaiting = true;
      timer = window.setTimeout(stopAwaiting, 1500);
    }
  });

  var opener = document.getElementById("keys-open");
  if (opener && help && typeof help.showModal === "function") {
    opener.hidden = false;
    opener.addEventListener("click", openHelp);
  }

  if (switchBox) {
    switchBox.checked = !off;
    switchBox.addEventListener("change", function () {
      off = !switchBox.checked;
      store(off);
    });
  }
})();
