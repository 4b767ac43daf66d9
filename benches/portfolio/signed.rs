//! What being signed in costs: the processor's time for a warm page with a session's cookie, beside
//! the same page for the public, in turns of one run. Asked without a pause, who asks is
//! remembered; asked by someone who reads between pages, the session is looked up for each.

use std::path::Path;
use std::time::Duration;

use taizhang::clock::Clock;
use taizhang::db::Db;

use crate::pages::{connect, get, sign_in, start};
use crate::{SIZES, generate, median};

/// How a page is asked: turns, requests a turn, the pause before each.
struct Way {
    name: &'static str,
    turns: usize,
    requests: u32,
    pause: Duration,
}

const WAYS: [Way; 2] = [
    Way { name: "without a pause", turns: 15, requests: 3_000, pause: Duration::ZERO },
    // Longer than a head and a viewer are believed.
    Way { name: "every 270 ms", turns: 5, requests: 40, pause: Duration::from_millis(270) },
];

/// Prints it for pages of several sizes.
pub fn measure() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}", home.path().join("signed.db").display());
    let clock = Clock::set_at(generate::first_instant());
    let db = Db::open(&url, clock.clone()).expect("an empty database");
    generate::generate(&db, &clock, SIZES[0]);
    drop(db);
    let cookie = sign_in(&url);
    println!("a warm page, the server's processor time for each request, median of turns:");
    for way in WAYS {
        for page in ["/about", "/", "/projects"] {
            let (running, address) = start(&url);
            let turn = |headers: &str| {
                let mut conn = connect(&address);
                let before = spent(running.id());
                for _ in 0..way.requests {
                    std::thread::sleep(way.pause);
                    assert_eq!(get(&mut conn, &address, page, headers).0, 200);
                }
                (spent(running.id()) - before) / way.requests
            };
            turn("");
            turn(&cookie);
            let (mut public, mut signed) = (Vec::new(), Vec::new());
            for _ in 0..way.turns {
                public.push(turn(""));
                signed.push(turn(&cookie));
            }
            let [public, signed] = [public, signed].map(|turns| median(turns).as_secs_f64());
            println!(
                "  {:16} {page:10} public {:>7.1} µs, signed in {:>7.1} µs: {:.2}×, {:+.3} ms (target ≤ 0.3 ms more)",
                way.name,
                public * 1e6,
                signed * 1e6,
                signed / public,
                (signed - public) * 1e3
            );
        }
    }
}

/// The processor's time that a process' threads have used, to the nanosecond.
fn spent(process: u32) -> Duration {
    let tasks = std::fs::read_dir(Path::new("/proc").join(process.to_string()).join("task")).expect("Linux");
    // A thread may end while it is looked at.
    let of_threads = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok());
    Duration::from_nanos(of_threads.filter_map(|text| text.split(' ').next()?.parse::<u64>().ok()).sum())
}
