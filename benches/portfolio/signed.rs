//! What being signed in costs: the processor's time for a warm page with a session's cookie, beside
//! the same page for the public, in turns of one run.

use std::path::Path;
use std::time::Duration;

use taizhang::clock::Clock;
use taizhang::db::Db;

use crate::pages::{connect, get, sign_in, start};
use crate::{SIZES, generate};

const TURNS: usize = 15;
const REQUESTS: u32 = 3_000;
/// A tick of `/proc`: a hundredth of a second on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// Prints it for pages of several sizes.
pub fn measure() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}", home.path().join("signed.db").display());
    let clock = Clock::set_at(generate::first_instant());
    let db = Db::open(&url, clock.clone()).expect("an empty database");
    generate::generate(&db, &clock, SIZES[0]);
    drop(db);
    let cookie = sign_in(&url);
    println!("a warm page, processor's time of the server for each of {REQUESTS} requests, median of {TURNS} turns:");
    for page in ["/about", "/", "/projects"] {
        let (running, address) = start(&url);
        let turn = |headers: &str| {
            let mut conn = connect(&address);
            let before = spent(running.id());
            for _ in 0..REQUESTS {
                assert_eq!(get(&mut conn, &address, page, headers).0, 200);
            }
            (spent(running.id()) - before) / REQUESTS
        };
        turn("");
        turn(&cookie);
        let (mut public, mut signed) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            public.push(turn(""));
            signed.push(turn(&cookie));
        }
        let (public, signed) = (crate::median(public), crate::median(signed));
        println!(
            "  {page:10} public {:>7.1} µs, signed in {:>7.1} µs: {:.2}×, {:+.3} ms (target ≤ 0.3 ms more)",
            public.as_secs_f64() * 1e6,
            signed.as_secs_f64() * 1e6,
            signed.as_secs_f64() / public.as_secs_f64(),
            (signed.as_secs_f64() - public.as_secs_f64()) * 1e3
        );
    }
}

/// The processor's time a process has used, its own and the system's for it.
fn spent(process: u32) -> Duration {
    let stat = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat")).expect("Linux");
    let after = stat.rsplit(')').next().expect("fields after the name");
    let ticks: u32 = after.split_whitespace().skip(11).take(2).map(|text| text.parse::<u32>().expect("ticks")).sum();
    TICK * ticks
}
