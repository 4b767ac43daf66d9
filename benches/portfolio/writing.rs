//! One entry through the command path, beside a bare commit of one row on the same disk.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use taizhang::auth::Actor;
use taizhang::db::{Db, Target};
use taizhang::document::Citation;
use taizhang::ledger::Kind;
use taizhang::ledger::command::{NewEntry, record};
use taizhang::measure::Measure;
use taizhang::money::Fen;
use taizhang::period::Day;

const LASTING: Duration = Duration::from_secs(4);

/// Prints rates and their ratios.
pub fn measure(db: &Db, url: &str, home: &Path) {
    let today = db.clock().today();
    let bare = bare(url, home);
    let one = rate(1, &|at| commit(db, today, at));
    let sixteen = rate(16, &|at| commit(db, today, at));
    println!("  bare single-row commits                   {bare:8.0} /s");
    println!("  entries, one writer                       {one:8.0} /s = {:.2}× bare (target ≥ 0.5×)", one / bare);
    println!(
        "  entries, sixteen writers                  {sixteen:8.0} /s = {:.2}× bare (target ≥ 2×)",
        sixteen / bare
    );
}

/// Single-row commits that reach the disk, without any of our tables.
fn bare(url: &str, home: &Path) -> f64 {
    let path = format!("sqlite://{}", home.join("bare.db").display());
    let target = if url.starts_with("postgres") { url } else { &path };
    let mut conn = Target::parse(target).expect("a target").connect().expect("a connection");
    if !url.starts_with("postgres") {
        conn.batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL").expect("set");
    }
    conn.batch_execute("CREATE TABLE bare (id BIGINT PRIMARY KEY, text TEXT NOT NULL)").expect("created");
    let (began, mut done) = (Instant::now(), 0_u32);
    while began.elapsed() < LASTING {
        conn.batch_execute(&format!("BEGIN; INSERT INTO bare VALUES ({done}, '一行'); COMMIT")).expect("inserted");
        done += 1;
    }
    let rate = f64::from(done) / began.elapsed().as_secs_f64();
    conn.batch_execute("DROP TABLE bare").expect("dropped");
    rate
}

fn rate(writers: u64, write: &(impl Fn(u64) + Sync)) -> f64 {
    let done = AtomicU64::new(0);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..writers {
            scope.spawn(|| {
                while began.elapsed() < LASTING {
                    write(done.fetch_add(1, Ordering::Relaxed));
                }
            });
        }
    });
    done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64()
}

fn commit(db: &Db, today: Day, at: u64) {
    let new = NewEntry {
        project: format!("P-{:06}", at % 32),
        measure: Measure::Paid,
        kind: Kind::Original,
        year: None,
        source: Some("D1".into()),
        amount: Fen::new(100),
        occurred_on: today,
        reason: String::new(),
        is_estimate: false,
        note: String::new(),
    };
    let document = Citation { code: "付-1".into(), title: Some("基准用文件".into()), issuer: None, dated: None };
    db.write(move |tx| record(tx, &Actor::operator(), new, document)).expect("recorded");
}
