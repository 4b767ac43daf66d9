//! How fast a portfolio answers, as medians and ratios of one run, each beside its count of
//! differences from a fold that shares no code with the product.
//!
//! ```sh
//! cargo bench --bench portfolio -- M                         # SQLite, in a temporary folder
//! cargo bench --bench portfolio -- M postgres://…/EMPTY      # an empty PostgreSQL database
//! cargo bench --bench portfolio -- bars                       # 10 thousand projects with milestones
//! cargo bench --bench portfolio -- lights                     # lights of 10 and of 100 thousand projects
//! cargo bench --bench portfolio -- signed                     # what being signed in costs
//! ```
//! S: 32 projects, 1 thousand entries. M: 10 thousand, 1 million. L: 100 thousand, 10 million.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a bench stops where the world is not as it says")]
#![expect(clippy::float_arithmetic, reason = "durations and their ratios, never money")]

mod bars;
mod fold;
mod generate;
mod lights;
mod pages;
mod reading;
mod signed;
mod writing;

use std::time::{Duration, Instant};

use taizhang::clock::Clock;
use taizhang::db::Db;

/// How large a portfolio is.
#[derive(Clone, Copy)]
pub struct Size {
    /// Its letter.
    pub name: &'static str,
    /// Projects.
    pub projects: usize,
    /// Entries, reversals included.
    pub entries: usize,
}

const SIZES: [Size; 3] = [
    Size { name: "S", projects: 32, entries: 1_000 },
    Size { name: "M", projects: 10_000, entries: 1_000_000 },
    Size { name: "L", projects: 100_000, entries: 10_000_000 },
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [word, file] = words.as_slice()
        && word == "static"
    {
        return pages::serve_static(file);
    }
    if let [word] = words.as_slice()
        && word == "bars"
    {
        return bars::measure();
    }
    if let [word] = words.as_slice()
        && word == "lights"
    {
        return lights::measure();
    }
    if let [word] = words.as_slice()
        && word == "signed"
    {
        return signed::measure();
    }
    let Some(size) = words.first().and_then(|word| SIZES.into_iter().find(|size| size.name == word)) else {
        eprintln!("usage: cargo bench --bench portfolio -- S|M|L [postgres://…/EMPTY]");
        std::process::exit(2);
    };
    let home = tempfile::tempdir().expect("a temporary folder");
    let url = words.get(1).cloned().unwrap_or_else(|| format!("sqlite://{}", home.path().join("bench.db").display()));
    let engine = if url.starts_with("postgres") { "PostgreSQL" } else { "SQLite" };
    println!("{} on {engine}: {} projects, {} entries", size.name, size.projects, size.entries);

    let clock = Clock::set_at(generate::first_instant());
    let db = Db::open(&url, clock.clone()).expect("an empty database");
    let began = Instant::now();
    let truth = generate::generate(&db, &clock, size);
    let took = began.elapsed();
    println!(
        "  generated in {:.0} s: {} commands, {} entries, {:.0} entries/s",
        took.as_secs_f64(),
        truth.last_seq,
        truth.entries.len(),
        truth.entries.len() as f64 / took.as_secs_f64()
    );
    reading::measure(&db, &truth);
    writing::measure(&db, &url, home.path());
    drop(db);
    pages::measure(&url, home.path());
}

/// The median of some runs.
pub fn median(mut runs: Vec<Duration>) -> Duration {
    runs.sort();
    runs[runs.len() / 2]
}

/// Milliseconds, for a person.
pub fn ms(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1_000.0)
}
