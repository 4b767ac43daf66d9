//! Every crate we build with carries a licence we have read, and comes from the registry.
//!
//! A test rather than a tool: the tool would have to be compiled in every run
//! (`docs/adr/0005-licences-are-checked-by-a-test.md`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Licences that fit an Apache-2.0 program which is handed out as source and as a binary.
const ALLOWED: [&str; 12] = [
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "MIT",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "Unlicense",
    "Unicode-3.0",
    "Zlib",
    "PostgreSQL",
    "ISC",
    // A licence of data: the list of certificate authorities that TLS trusts.
    "CDLA-Permissive-2.0",
];

/// Crates under another licence that only tests use: never part of the program.
const ONLY_IN_TESTS: [(&str, &str); 1] = [("webdriver", "MPL-2.0")];

/// What `cargo metadata` says of this machine's build (crates for other systems may not be here).
fn metadata() -> Value {
    let host = String::from_utf8(run("rustc", &["-vV"])).expect("UTF-8");
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
    let text =
        run(env!("CARGO"), &["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host]);
    serde_json::from_slice(&text).expect("cargo writes JSON")
}

fn run(program: &str, args: &[&str]) -> Vec<u8> {
    let output = Command::new(program)
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap_or_else(|error| panic!("{program} does not start: {error}"));
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// The packages that end up in the program or build it: reached without a dev-dependency.
fn shipped(metadata: &Value) -> BTreeSet<&str> {
    let nodes: BTreeMap<&str, &Value> =
        list(&metadata["resolve"], "nodes").iter().map(|node| (text(node, "id"), node)).collect();
    let mut open = vec![text(&metadata["resolve"], "root")];
    let mut reached = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !reached.insert(id) {
            continue;
        }
        let used = list(nodes[id], "deps")
            .iter()
            .filter(|dep| list(dep, "dep_kinds").iter().any(|kind| kind["kind"].as_str() != Some("dev")));
        open.extend(used.map(|dep| text(dep, "pkg")));
    }
    reached
}

#[test]
fn every_licence_is_on_the_list() {
    let metadata = metadata();
    let shipped = shipped(&metadata);
    let resolved: BTreeSet<&str> = list(&metadata["resolve"], "nodes").iter().map(|node| text(node, "id")).collect();
    let packages = list(&metadata, "packages").iter().filter(|package| resolved.contains(text(package, "id")));
    let (mut wrong, mut excused, mut seen) = (Vec::new(), BTreeSet::new(), 0);
    for package in packages {
        seen += 1;
        let (name, licence) = (text(package, "name"), text(package, "license"));
        let only_in_tests = !shipped.contains(text(package, "id"));
        match permits(licence, &ALLOWED) {
            Ok(true) => {}
            Ok(false) if only_in_tests && ONLY_IN_TESTS.contains(&(name, licence)) => {
                excused.insert((name, licence));
            }
            Ok(false) => wrong.push(format!("{name}: 「{licence}」 is not on the list")),
            Err(why) => wrong.push(format!("{name}: 「{licence}」 {why}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(excused, BTreeSet::from(ONLY_IN_TESTS), "an exception that is not needed goes");
    assert!(seen > 100 && shipped.len() > 100, "the whole tree was read: {seen}, {}", shipped.len());
}

/// `Cargo.lock` holds the crates of every system, not only this one's.
#[test]
fn every_crate_comes_from_the_registry() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    let lock = fs::read_to_string(path).expect("Cargo.lock");
    let sources: Vec<&str> = lock.lines().filter_map(|line| line.strip_prefix("source = ")).collect();
    assert!(sources.len() > 100);
    for source in sources {
        assert!(source.starts_with("\"registry+https://"), "{source}: not a registry");
    }
    let checksums = lock.lines().filter(|line| line.starts_with("checksum = ")).count();
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    assert_eq!(checksums, packages - 1, "every crate but ours is pinned by its checksum");
}

/// Whether an SPDX expression can be met with licences from the list.
///
/// `OR` needs one side, `AND` both and binds tighter, `WITH` belongs to its licence; `/` is the
/// old way to write `OR`.
fn permits(expression: &str, allowed: &[&str]) -> Result<bool, String> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = Words { words: spaced.split_whitespace().collect(), at: 0, allowed };
    let answer = words.either()?;
    match words.peek() {
        None => Ok(answer),
        Some(word) => Err(format!("is not an SPDX expression at {word}")),
    }
}

struct Words<'a> {
    words: Vec<&'a str>,
    at: usize,
    allowed: &'a [&'a str],
}

impl<'a> Words<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).copied()
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        self.at += usize::from(found);
        found
    }

    fn either(&mut self) -> Result<bool, String> {
        let mut answer = self.all()?;
        while self.take("OR") {
            answer |= self.all()?;
        }
        Ok(answer)
    }

    fn all(&mut self) -> Result<bool, String> {
        let mut answer = self.one()?;
        while self.take("AND") {
            answer &= self.one()?;
        }
        Ok(answer)
    }

    fn one(&mut self) -> Result<bool, String> {
        if self.take("(") {
            let answer = self.either()?;
            return if self.take(")") { Ok(answer) } else { Err("has an open parenthesis".into()) };
        }
        let licence = self.name()?;
        if !self.take("WITH") {
            return Ok(self.allowed.contains(&licence));
        }
        let exception = self.name()?;
        Ok(self.allowed.contains(&format!("{licence} WITH {exception}").as_str()))
    }

    fn name(&mut self) -> Result<&'a str, String> {
        match self.peek() {
            Some(word) if !["OR", "AND", "WITH", "(", ")"].contains(&word) => {
                self.at += 1;
                Ok(word)
            }
            Some(word) => Err(format!("is not an SPDX expression at {word}")),
            None => Err("names no licence".into()),
        }
    }
}

#[test]
fn expressions_are_read_as_spdx_says() {
    let list = ["MIT", "Apache-2.0", "Unicode-3.0"];
    for good in ["MIT", "GPL-3.0 OR MIT", "MIT/GPL-3.0", "(MIT OR X) AND Unicode-3.0", "X AND Y OR MIT"] {
        assert_eq!(permits(good, &list), Ok(true), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0 WITH LLVM-exception", "MIT AND (X OR Y)", "mit"] {
        assert_eq!(permits(bad, &list), Ok(false), "{bad}");
    }
    for broken in ["", "MIT OR", "(MIT", "MIT)", "MIT Apache-2.0", "OR MIT"] {
        assert!(permits(broken, &list).is_err(), "{broken}");
    }
}
