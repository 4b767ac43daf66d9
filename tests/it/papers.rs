//! The papers name what exists: links, commands, modules, tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A Markdown file: its path from the repository's root, and its text.
struct Paper {
    path: String,
    text: String,
}

impl Paper {
    /// Its lines outside fenced blocks and without code spans: what a reader of the page sees as prose.
    fn prose(&self) -> Vec<String> {
        self.lines().into_iter().filter(|(fenced, _)| !fenced).map(|(_, line)| without_code(line)).collect()
    }

    /// The lines inside fenced blocks.
    fn fenced(&self) -> Vec<&str> {
        self.lines().into_iter().filter(|(fenced, _)| *fenced).map(|(_, line)| line).collect()
    }

    /// Each line, and whether it stands in a fenced block; the fences themselves are left out.
    fn lines(&self) -> Vec<(bool, &str)> {
        let mut fenced = false;
        let mut lines = Vec::new();
        for line in self.text.lines() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            } else {
                lines.push((fenced, line));
            }
        }
        lines
    }

    /// The texts of its code spans.
    fn code(&self) -> Vec<&str> {
        let lines = self.lines().into_iter().filter(|(fenced, _)| !fenced);
        lines.flat_map(|(_, line)| line.split('`').skip(1).step_by(2)).collect()
    }

    /// Its headings, as they are linked to.
    fn anchors(&self) -> BTreeSet<String> {
        let lines = self.lines().into_iter().filter(|(fenced, _)| !fenced);
        lines.filter_map(|(_, line)| line.strip_prefix('#')).map(|rest| anchor(rest.trim_start_matches('#'))).collect()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text_of(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Markdown file of the root, `docs/` and `seeds/`.
fn papers() -> Vec<Paper> {
    let mut found: Vec<PathBuf> = markdown(root());
    for folder in ["docs", "seeds"] {
        walk(&root().join(folder), &mut found);
    }
    found.sort();
    let name = |path: &Path| path.strip_prefix(root()).expect("under the root").to_string_lossy().replace('\\', "/");
    found.iter().map(|path| Paper { path: name(path), text: fs::read_to_string(path).expect("UTF-8") }).collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    found.extend(markdown(folder));
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, found);
        }
    }
}

fn markdown(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.is_file() && path.extension().is_some_and(|extension| extension == "md")).collect()
}

fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

/// The targets of `[words](target)` and `![words](target)`.
fn links(line: &str) -> Vec<&str> {
    line.match_indices("](").filter_map(|(at, _)| line[at + 2..].split(')').next()).collect()
}

/// A heading as the anchor that leads to it: lower case, without punctuation, spaces as hyphens.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn markdown_is_read_as_a_reader_sees_it() {
    let text = "# 一 b, C\n[x](y.md) `[no](code)` ![z](p.png)\n```sh\n[no](fence)\n```\n";
    let paper = Paper { path: "x.md".into(), text: text.into() };
    let prose = paper.prose();
    assert_eq!(prose.iter().flat_map(|line| links(line)).collect::<Vec<_>>(), ["y.md", "p.png"]);
    assert_eq!(paper.fenced(), ["[no](fence)"]);
    assert_eq!(paper.code(), ["[no](code)"]);
    assert_eq!(paper.anchors(), BTreeSet::from(["一-b-c".to_owned()]));
}

#[test]
fn every_link_between_papers_leads_somewhere() {
    let papers = papers();
    let (mut wrong, mut followed) = (Vec::new(), 0);
    for paper in &papers {
        let folder = Path::new(&paper.path).parent().expect("a folder");
        for line in paper.prose() {
            for link in links(&line).into_iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
                let (file, heading) = link.split_once('#').unwrap_or((link, ""));
                let target = if file.is_empty() { root().join(&paper.path) } else { root().join(folder).join(file) };
                let known = || {
                    let text = fs::read_to_string(&target).unwrap_or_default();
                    Paper { path: String::new(), text }.anchors()
                };
                if !target.exists() || !heading.is_empty() && !known().contains(heading) {
                    wrong.push(format!("{}: nothing is at {link}", paper.path));
                }
                followed += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(followed > 20 && papers.iter().any(|paper| paper.path == "README.md"), "links were found: {followed}");
}

fn taizhang(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_taizhang")).args(words).output().expect("the program starts")
}

/// The commands that a paper shows: `taizhang …`, and what `cargo run … --` hands on to it.
fn commands(paper: &Paper) -> Vec<Vec<&str>> {
    let own = |line: &str| line.strip_prefix("taizhang ").map(str::len);
    let handed = |line: &str| line.strip_prefix("cargo run --release -- ").map(str::len);
    paper
        .fenced()
        .into_iter()
        .filter_map(|line| own(line).or_else(|| handed(line)).map(|rest| &line[line.len() - rest..]))
        .map(|rest| rest.split(" #").next().unwrap_or(rest).split_whitespace().collect())
        .collect()
}

/// With `--help` at its end a command is parsed and not run: a word or flag that does not exist is refused.
#[test]
fn every_command_in_the_papers_is_one_the_program_knows() {
    let papers = papers();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for paper in &papers {
        for words in commands(paper) {
            let output = taizhang(&[words.as_slice(), &["--help"]].concat());
            if !output.status.success() {
                let told = String::from_utf8_lossy(&output.stderr).into_owned();
                wrong.push(format!("{}: taizhang {}: {told}", paper.path, words.join(" ")));
            }
            tried += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried >= 12, "the README shows the commands: {tried}");
    for refused in [["rollup", "--bye"], ["no-such-command", "x"]] {
        assert!(!taizhang(&[&refused[..], &["--help"]].concat()).status.success(), "{refused:?} is refused");
    }
}

#[test]
fn every_command_of_the_program_is_in_the_readme() {
    let help = String::from_utf8(taizhang(&["--help"]).stdout).expect("UTF-8");
    let listed = help.lines().skip_while(|line| *line != "命令:").skip(1).take_while(|line| !line.is_empty());
    // A name stands after two spaces; longer indents are the rest of a wrapped description.
    let names: Vec<&str> = listed
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(names.len() >= 12, "the program lists its commands: {names:?}");
    let readme = Paper { path: "README.md".into(), text: text_of("README.md") };
    let shown: BTreeSet<&str> = commands(&readme).iter().filter_map(|words| words.first().copied()).collect();
    for name in names {
        assert!(shown.contains(name), "taizhang {name} is not in the README");
    }
}

/// The table of modules has the order of `src/lib.rs`: bottom to top.
#[test]
fn the_map_names_every_module_in_order() {
    let lib = text_of("src/lib.rs");
    let modules: Vec<&str> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let map = text_of("docs/ARCHITECTURE.md");
    let table: Vec<&str> = map
        .lines()
        .skip_while(|line| *line != "| module | what it is |")
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.split('`').nth(1))
        .collect();
    assert!(modules.len() > 20, "{modules:?}");
    assert_eq!(table, modules);
}

/// `schema::every_fact_table_refuses_change` in a paper is a test in `tests/it/schema`.
#[test]
fn every_test_that_is_named_exists() {
    let mut named = 0;
    for paper in papers() {
        for (module, test) in paper.code().into_iter().filter_map(|code| code.split_once("::")) {
            // Constants and types of the tests' own support are no tests.
            if !test.starts_with(|c: char| c.is_ascii_lowercase()) {
                continue;
            }
            let files = [format!("tests/it/{module}.rs"), format!("tests/it/{module}/mod.rs")];
            let Some(file) = files.iter().find(|file| root().join(file).exists()) else { continue };
            assert!(text_of(file).contains(&format!("fn {test}(")), "{}: {module}::{test} is no test", paper.path);
            named += 1;
        }
    }
    assert!(named >= 15, "the map says which test guards what: {named}");
}

#[test]
fn every_table_is_on_the_map() {
    let map = text_of("docs/ARCHITECTURE.md");
    let folders = fs::read_dir(root().join("migrations/sqlite")).expect("migrations");
    let files = folders.map(|entry| entry.expect("a migration").path().join("up.sql"));
    let schema: String = files.map(|file| fs::read_to_string(file).expect("a migration")).collect();
    let tables: Vec<&str> =
        schema.lines().filter_map(|line| line.strip_prefix("CREATE TABLE ")?.split(' ').next()).collect();
    assert!(tables.len() > 20, "{tables:?}");
    // A table that is made again bears another name only until it takes the old one's place.
    for table in tables.into_iter().filter(|table| !schema.contains(&format!("ALTER TABLE {table} RENAME TO"))) {
        assert!(map.contains(&format!("`{table}`")), "{table} is not on the map");
    }
}

#[test]
fn every_decision_is_listed_and_says_what_would_change_it() {
    let index = text_of("docs/adr/README.md");
    let mut numbers = Vec::new();
    for paper in papers().iter().filter(|paper| paper.path.starts_with("docs/adr/0")) {
        let file = paper.path.trim_start_matches("docs/adr/");
        let title = paper.text.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a title");
        let (number, words) = title.split_once(". ").expect("a number and a title");
        assert!(file.starts_with(&format!("{number}-")), "{file}: its title says {number}");
        assert!(index.contains(&format!("| [{number}]({file}) | {words} |")), "{file} is not in the index: {words}");
        for part in ["**Context.**", "**Decision.**", "**Consequences.**", "**What would change our mind.**"] {
            assert!(paper.text.contains(part), "{file}: {part} is missing");
        }
        numbers.push(number.parse::<usize>().expect("a number"));
    }
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>(), "numbers have no gap");
    assert!(numbers.len() >= 13);
}

/// A path on someone's machine helps no other reader.
#[test]
fn no_paper_names_a_path_of_a_machine() {
    let own = root().components().nth(1).map(|part| format!("/{}/", part.as_os_str().to_string_lossy()));
    let refused: BTreeSet<String> =
        ["/home/", "/root/", "/Users/", "/tmp/"].map(str::to_owned).into_iter().chain(own).collect();
    for paper in papers() {
        for line in paper.text.lines() {
            for path in &refused {
                let starts = line
                    .match_indices(path.as_str())
                    .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || ".-_}".contains(c)));
                assert!(!starts, "{}: {path} in {line}", paper.path);
            }
        }
    }
}
