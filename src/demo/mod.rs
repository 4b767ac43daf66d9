//! 演示库: the plan with an invented month, in a database of its own, by the commands users use.
//!
//! Everything invented is deterministic, rests on documents called 样例, and stands under a
//! watermark. The clock is set by the loader: today is 2025-09-26.

mod figures;
mod monthly;
mod story;

use crate::auth::Actor;
use crate::clock::{Clock, Instant};
use crate::db::{Db, Head};
use crate::error::{Error, Result};
use crate::journal::store;
use crate::period::Day;
use crate::seed::{self, load};
use crate::{account, signin};

/// The demonstration's today.
pub const TODAY: &str = "2025-09-26";

/// Opens the demonstration, loading it into an empty database.
///
/// # Errors
/// Refuses a database that holds anything but the demonstration.
pub fn open(url: &str) -> Result<Db> {
    let clock = Clock::set_at(noon("2023-07-20")?);
    let db = Db::open(url, clock.clone())?;
    match db.read(|conn| Ok((Head::find(conn)?.seq, is_demo(conn)?)))? {
        (0, _) => load_all(&db, &clock)?,
        (_, true) => {}
        (_, false) => {
            let message = format!("数据库 {} 不是演示库，里面有真实记录；演示只用空库或演示库", db.label());
            return Err(Error::Conflict(message));
        }
    }
    clock.move_to(noon(TODAY)?);
    // Also in a demonstration that was loaded before there were accounts.
    if db.read(account::store::count)? == 0 {
        signin::first::open_demo(&db, &Actor::demonstration())?;
    }
    Ok(db)
}

/// Whether a database was made by the demonstration's loader.
pub fn is_demo(conn: &mut crate::db::AnyConnection) -> Result<bool> {
    Ok(store::find(conn, 1)?.is_some_and(|row| row.actor == Actor::demonstration().name()))
}

fn load_all(db: &Db, clock: &Clock) -> Result<()> {
    let mut plan = seed::embedded()?;
    // What really happened and what is invented are never in one database.
    plan.statements.clear();
    let projects = plan.projects.clone();
    let natures = plan.inferences.clone();
    db.write(move |tx| load::load(tx, &Actor::demonstration(), plan))?;
    for step in story::steps(&projects, &natures)? {
        clock.move_to(noon(&step.on)?);
        db.write(move |tx| story::play(tx, step.act))?;
    }
    Ok(())
}

fn noon(day: &str) -> Result<Instant> {
    Ok(Instant::from_micros(Instant::start_of(Day::parse(day)?).micros() + 12 * 3_600_000_000))
}
