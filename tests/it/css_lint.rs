//! The style sheet and the script keep to what Chromium 86 understands (government desktops,
//! WeChat), and the pages to what a strict content security policy allows.

use std::fs;
use std::path::{Path, PathBuf};

/// What a style sheet may not use outside `@supports`, and since when it exists.
const CSS: [(&str, &str); 38] = [
    (":has(", "Chromium 105"),
    (":is(", "Chromium 88; write the selectors out"),
    (":where(", "Chromium 88; write the selectors out"),
    ("@container", "Chromium 105"),
    ("@layer", "Chromium 99"),
    ("@property", "Chromium 85 only in part; write the value"),
    ("@scope", "Chromium 118"),
    ("@starting-style", "Chromium 117"),
    ("&", "nesting, Chromium 112"),
    ("color-mix(", "Chromium 111"),
    ("light-dark(", "Chromium 123; use prefers-color-scheme"),
    ("oklch(", "Chromium 111"),
    ("oklab(", "Chromium 111"),
    ("lab(", "Chromium 111"),
    ("hwb(", "Chromium 101"),
    ("subgrid", "Chromium 117"),
    ("inset:", "Chromium 87; write top, right, bottom, left"),
    ("inset-", "Chromium 87"),
    ("margin-inline:", "Chromium 87; write the two sides"),
    ("margin-block:", "Chromium 87; write the two sides"),
    ("padding-inline:", "Chromium 87; write the two sides"),
    ("padding-block:", "Chromium 87; write the two sides"),
    ("border-inline:", "Chromium 87"),
    ("aspect-ratio", "Chromium 88"),
    ("accent-color", "Chromium 93"),
    ("text-underline-offset", "Chromium 87"),
    ("text-decoration-thickness", "Chromium 89"),
    ("text-wrap", "Chromium 114"),
    ("overflow: clip", "Chromium 90"),
    ("scrollbar-gutter", "Chromium 94"),
    ("dvh", "Chromium 108"),
    ("svh", "Chromium 108"),
    ("translate:", "Chromium 104; use transform"),
    ("rotate:", "Chromium 104; use transform"),
    ("scale:", "Chromium 104; use transform"),
    ("content-visibility", "prints badly, and Chromium 85 only in part"),
    ("@import", "one style sheet"),
    ("http:", "nothing from another origin"),
];

/// What the script may not use, and since when it exists.
const JS: [(&str, &str); 20] = [
    (".at(", "Chromium 92"),
    ("Object.hasOwn", "Chromium 93"),
    ("structuredClone", "Chromium 98"),
    ("findLast", "Chromium 97"),
    ("randomUUID", "Chromium 92"),
    ("toSorted", "Chromium 110"),
    ("toReversed", "Chromium 110"),
    ("groupBy(", "Chromium 117"),
    ("static {", "Chromium 94"),
    (".popover", "Chromium 114"),
    (".inert", "Chromium 102"),
    ("navigation.", "Chromium 102"),
    ("URL.canParse", "Chromium 120"),
    ("AbortSignal.timeout", "Chromium 103"),
    ("import(", "one script, no modules"),
    ("fetch(", "pages are whole; the script loads nothing"),
    ("innerHTML", "no markup from script"),
    ("eval(", "refused by the content security policy"),
    (".style.", "refused by the content security policy in spirit: classes only"),
    ("http:", "nothing from another origin"),
];

fn files(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    let mut pending = vec![root];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the repository") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let text = fs::read_to_string(&path).expect("text");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "no {extension} under {folder}");
    found
}

/// The text without comments and without the blocks of `@supports`.
fn baseline(css: &str) -> String {
    let mut text = String::new();
    let mut rest = css;
    while let Some(start) = rest.find("/*") {
        text.push_str(&rest[..start]);
        rest = rest[start..].find("*/").map_or("", |end| &rest[start + end + 2..]);
    }
    text.push_str(rest);
    while let Some(start) = text.find("@supports") {
        let open = start + text[start..].find('{').expect("a block");
        let mut depth = 0;
        let end = text[open..]
            .char_indices()
            .find_map(|(at, c)| {
                depth += match c {
                    '{' => 1,
                    '}' => -1,
                    _ => 0,
                };
                (depth == 0).then_some(open + at + 1)
            })
            .expect("the end of the block");
        text.replace_range(start..end, "");
    }
    text
}

/// The rest of a data address names the SVG namespace, which loads nothing.
fn without_namespace(text: &str) -> String {
    text.replace("http://www.w3.org/2000/svg", "")
}

/// Where `feature` begins a word in `text`, so that `translate:` is not found in other names.
fn uses(text: &str, feature: &str) -> bool {
    text.match_indices(feature).any(|(at, _)| {
        let starts_word = feature.starts_with(|c: char| c.is_ascii_alphabetic());
        let before = text[..at].chars().next_back();
        !starts_word || before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '-')
    })
}

#[test]
fn the_style_sheet_keeps_to_the_baseline() {
    for (path, css) in files("static", "css") {
        let text = without_namespace(&baseline(&css));
        for (feature, reason) in CSS {
            assert!(!uses(&text, feature), "{}: {feature} ({reason})", path.display());
        }
        for clause in text.match_indices(":not(") {
            let inside = &text[clause.0 + 5..];
            let inside = &inside[..inside.find(')').expect("closed")];
            assert!(!inside.contains(','), "{}: :not() with a list (Chromium 88)", path.display());
        }
    }
}

#[test]
fn the_script_keeps_to_the_baseline() {
    for (path, js) in files("static", "js") {
        for (feature, reason) in JS {
            assert!(!uses(&js, feature), "{}: {feature} ({reason})", path.display());
        }
    }
}

#[test]
fn the_lint_itself_finds_what_it_looks_for() {
    assert!(uses("a { inset: 0 }", "inset:"));
    assert!(!uses("a { text-rotate: 0 }", "rotate:"));
    assert!(!uses(&baseline("@supports (a: b) { a { inset: 0 } } b { top: 0 }"), "inset:"));
    assert!(!uses(&baseline("/* inset: 0 */"), "inset:"));
}

/// The text without template logic, which may stand inside an attribute.
fn without_logic(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(start) = rest.find('{') {
        let end = match &rest[start..] {
            logic if logic.starts_with("{%") => logic.find("%}"),
            value if value.starts_with("{{") => value.find("}}"),
            _ => None,
        };
        let Some(end) = end else { break };
        text.push_str(&rest[..start]);
        text.push(' ');
        rest = &rest[start + end + 2..];
    }
    text.push_str(rest);
    text
}

#[test]
fn every_class_of_the_templates_is_styled() {
    let css: String = files("static", "css").into_iter().map(|(_, text)| text).collect();
    for (path, html) in files("templates", "html") {
        let html = without_logic(&html);
        let values = html.split("class=\"").skip(1).filter_map(|rest| rest.split('"').next());
        for class in values.flat_map(str::split_whitespace).filter(|class| !class.ends_with('-')) {
            assert!(css.contains(&format!(".{class}")), "{}: class {class} has no rule", path.display());
        }
    }
}
