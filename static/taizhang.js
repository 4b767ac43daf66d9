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

// What is typed in a report stays on this machine until the server has it: a lost connection, a
// closed window or a flat battery loses nothing. It is offered, never put back unasked.
(function () {
  "use strict";

  var DAYS = 40;
  var PREFIX = "taizhang-typed:";
  var OWN = ["csrf_token", "submission_key", "version", "step"];

  function fields(form) {
    return Array.prototype.filter.call(form.elements, function (field) {
      return field.name && OWN.indexOf(field.name) < 0 && field.type !== "file" && field.type !== "password" &&
        field.type !== "submit" && field.type !== "hidden";
    });
  }

  function typed(form) {
    var values = {};
    fields(form).forEach(function (field) {
      values[field.name] = field.type === "checkbox" ? (field.checked ? "yes" : "") : field.value;
    });
    return values;
  }

  function same(one, other) {
    var names = Object.keys(one).concat(Object.keys(other));
    return names.every(function (name) { return (one[name] || "") === (other[name] || ""); });
  }

  // Storage may be refused (private windows) or full; then nothing is kept, and nothing breaks.
  function read(key) {
    try {
      var held = JSON.parse(window.localStorage.getItem(key));
      return held && typeof held.at === "number" && held.values ? held : null;
    } catch (refused) { return null; }
  }

  function write(key, values) {
    try { window.localStorage.setItem(key, JSON.stringify({ at: Date.now(), values: values })); } catch (refused) { /* see above */ }
  }

  function drop(key) {
    try { window.localStorage.removeItem(key); } catch (refused) { /* see above */ }
  }

  function forgetOld() {
    try {
      Object.keys(window.localStorage).forEach(function (key) {
        var held = key.indexOf(PREFIX) === 0 ? read(key) : null;
        if (held && Date.now() - held.at > DAYS * 86400000) { drop(key); }
      });
    } catch (refused) { /* see above */ }
  }

  function button(words, act) {
    var made = document.createElement("button");
    made.type = "button";
    made.textContent = words;
    made.addEventListener("click", act);
    return made;
  }

  function offer(form, key, held) {
    var note = document.createElement("div");
    var words = document.createElement("p");
    note.className = "banner banner-caution kept-typed";
    note.setAttribute("role", "status");
    words.textContent = "这台机器上留有 " + new Date(held.at).toLocaleString("zh-CN", { hour12: false }) +
      " 填过、没有存到服务器的内容。";
    note.appendChild(words);
    note.appendChild(button("放回表里", function () {
      fields(form).forEach(function (field) {
        if (!(field.name in held.values)) { return; }
        if (field.type === "checkbox") { field.checked = held.values[field.name] === "yes"; }
        else { field.value = held.values[field.name]; }
      });
      note.remove();
    }));
    note.appendChild(button("不要了", function () { drop(key); note.remove(); }));
    form.insertBefore(note, form.firstChild);
  }

  forgetOld();
  Array.prototype.forEach.call(document.querySelectorAll("form[data-keep]"), function (form) {
    var key = PREFIX + form.getAttribute("action");
    var held = read(key);
    var timer = 0;
    // The server has it: it was saved.
    if (held && same(held.values, typed(form))) { drop(key); held = null; }
    if (held) { offer(form, key, held); }
    function keep() { window.clearTimeout(timer); write(key, typed(form)); }
    form.addEventListener("input", function () {
      window.clearTimeout(timer);
      timer = window.setTimeout(keep, 400);
    });
    form.addEventListener("submit", keep);
  });
})();
