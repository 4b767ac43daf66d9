//! The house rules of `docs/ARCHITECTURE.md` that a reader of the source can check.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its path from the repository's root, and its lines without comments.
struct Source {
    path: String,
    lines: Vec<String>,
    length: usize,
}

impl Source {
    /// `rollup` for `src/rollup/store.rs` and for `src/rollup.rs`.
    fn module(&self) -> &str {
        let inner = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        inner.split('/').next().unwrap_or(inner)
    }

    /// How many `super::` lead from here to the crate's root.
    fn depth(&self) -> usize {
        self.path.matches('/').count() - usize::from(self.path.ends_with("/mod.rs"))
    }

    fn is_root(&self) -> bool {
        ["src/lib.rs", "src/main.rs"].contains(&self.path.as_str())
    }

    /// The lines that hold a word, told as `path:line: text`.
    fn lines_with<'a>(&'a self, words: &'a [&str]) -> impl Iterator<Item = String> + 'a {
        self.lines
            .iter()
            .enumerate()
            .filter(|(_, line)| words.iter().any(|word| has_word(line, word)))
            .map(|(at, line)| format!("{}:{}: {}", self.path, at + 1, line.trim()))
    }
}

/// Whether `word` stands in `line` and is not the end of a longer name.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    collect(&root.join(folder), &mut found);
    found.sort();
    found.iter().map(|path| read(root, path)).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn read(root: &Path, path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("source is UTF-8");
    let lines: Vec<String> = text.lines().map(without_comment).collect();
    let path = path.strip_prefix(root).expect("under the root").to_string_lossy().replace('\\', "/");
    Source { path, length: lines.len(), lines }
}

/// Good enough for our own source: `//` inside a string is always part of a URL, after a colon.
fn without_comment(line: &str) -> String {
    let comment = line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':'));
    line[..comment.map_or(line.len(), |(at, _)| at)].to_owned()
}

/// The modules as `src/lib.rs` lists them, bottom to top, and how many of them are vocabulary:
/// its first paragraph, whose members may know each other.
fn modules() -> (Vec<String>, usize) {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("src/lib.rs");
    let name = |line: &str| line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';')).map(str::to_owned);
    let vocabulary = text
        .lines()
        .skip_while(|line| name(line).is_none())
        .take_while(|line| !line.is_empty())
        .filter_map(name)
        .count();
    (text.lines().filter_map(name).collect(), vocabulary)
}

/// The names that follow a path prefix: `crate::a::b` gives `a`, `crate::{a, b::{c, d}}` gives `a`, `b`.
fn names_after(text: &str, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in text.match_indices(prefix) {
        let rest = &text[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(group) => names.extend(top_level_names(group)),
            None => names.push(first_name(rest)),
        }
    }
    names
}

fn first_name(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn top_level_names(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut start) = (0_i32, Vec::new(), 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(first_name(group[start..at].trim_start()));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn names_are_found_in_every_form_of_import() {
    let text = "use crate::{db, a::{b, c::d},\n  e}; crate::f::g(); $crate::h::I; use crate::J;";
    assert_eq!(names_after(text, "crate::"), ["db", "a", "e", "f", "h", "J"]);
    assert!(has_word("use diesel::prelude", "diesel") && !has_word("let my_diesel = 1", "diesel"));
    assert_eq!(without_comment("let a = \"http://x\"; // why"), "let a = \"http://x\"; ");
}

#[test]
fn imports_point_down_only() {
    let (modules, vocabulary) = modules();
    let place = |name: &str| modules.iter().position(|module| module == name);
    let mut wrong = Vec::new();
    for source in sources("src").iter().filter(|source| !source.is_root()) {
        let Some(here) = place(source.module()) else {
            wrong.push(format!("{}: its module is not listed in src/lib.rs", source.path));
            continue;
        };
        let text = source.lines.join("\n");
        let up = "super::".repeat(source.depth());
        for name in names_after(&text, "crate::").into_iter().chain(names_after(&text, &up)) {
            let Some(there) = place(&name) else { continue };
            let both_vocabulary = here < vocabulary && there < vocabulary;
            if there > here && !both_vocabulary {
                wrong.push(format!("{} imports {name}, which stands above it", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Words that belong to one part of the house, and the part.
struct Kept {
    words: &'static [&'static str],
    to: fn(&Source) -> bool,
    why: &'static str,
}

const KEPT: [Kept; 9] = [
    Kept { words: &["actix_web"], to: |source| source.module() == "web", why: "HTTP is the web's business" },
    Kept {
        words: &["tera"],
        to: |source| source.module() == "web",
        why: "templates get finished strings, and only the web renders them",
    },
    Kept {
        words: &["ServiceConfig", "web::resource", "web::scope", "web::get", "web::post", "web::put", "web::method"],
        to: |source| ["src/web/mod.rs", "src/web/table.rs"].contains(&source.path.as_str()),
        why: "every address is a row of src/web/routes.rs, where the tests find it",
    },
    Kept { words: &["clap"], to: |source| source.module() == "cli", why: "arguments are the command line's business" },
    Kept {
        words: &["diesel", "sql_query", "schema"],
        to: |source| source.module() == "db" || source.path.ends_with("/store.rs"),
        why: "SQL stays in store.rs, so that rules can be read without it",
    },
    Kept {
        words: &["Utc::now", "Local::now", "SystemTime"],
        to: |source| source.path == "src/clock.rs",
        why: "time is a parameter",
    },
    Kept {
        words: &["calamine", "rust_xlsxwriter", "zip::"],
        to: |source| source.module() == "exchange",
        why: "files are read and written in one place, within one set of limits",
    },
    Kept {
        words: &["image::"],
        to: |source| source.path == "src/document/attachment/photo.rs",
        why: "pictures of strangers are decoded in one place, within its limits",
    },
    Kept {
        words: &["f32", "f64"],
        // A spreadsheet's own numbers are such: decimal text is handed over there, nothing is calculated.
        to: |source| source.path == "src/exchange/xlsx.rs",
        why: "money and its ratios are exact, and nothing else here needs a float",
    },
];

#[test]
fn each_library_and_each_engine_stays_in_its_room() {
    let mut wrong = Vec::new();
    for source in &sources("src") {
        for kept in KEPT.iter().filter(|kept| !(kept.to)(source)) {
            wrong.extend(source.lines_with(kept.words).map(|line| format!("{line}\n    {}", kept.why)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_web_writes_only_through_commands() {
    let mut wrong = Vec::new();
    for source in sources("src").iter().filter(|source| ["web", "report"].contains(&source.module())) {
        for (at, line) in source.lines.iter().enumerate() {
            if ["store::insert", "store::put", "store::record"].iter().any(|call| line.contains(call)) {
                wrong.push(format!("{}:{}: {}", source.path, at + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn folders_are_named_in_the_staffs_words() {
    const REFUSED: [&str; 12] = [
        "utils", "util", "helpers", "helper", "common", "misc", "types", "models", "service", "services", "manager",
        "managers",
    ];
    for source in sources("src").iter().chain(&sources("tests")) {
        for part in source.path.trim_end_matches(".rs").split('/') {
            assert!(!REFUSED.contains(&part), "{}: say what is in it", source.path);
        }
    }
}

#[test]
fn files_are_short_enough_to_read() {
    for source in sources("src").iter().chain(&sources("tests")) {
        assert!(source.length <= 600, "{}: {} lines; the most is 600", source.path, source.length);
    }
}

#[test]
fn lints_are_expected_with_a_reason_never_just_allowed() {
    let mut wrong = Vec::new();
    for source in sources("src").iter().chain(&sources("tests")) {
        for (at, line) in source.lines.iter().enumerate() {
            let attribute = line.trim_start().trim_start_matches("#!").trim_start_matches('#');
            if attribute.starts_with("[allow(") {
                wrong.push(format!("{}:{}: {}", source.path, at + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "write #[expect(…, reason = \"…\")]:\n{}", wrong.join("\n"));
}
