//! What amounts about to be recorded would do: before and after, for the project, its system and
//! the whole. Shown before saving, and compared again when it is saved.

use std::collections::BTreeMap;

use super::{Deadline, Dimension, Filter, NONE, Scope, Sum, rollup, rows};
use crate::db::{AnyConnection, Head};
use crate::error::{Error, Result};
use crate::ledger::transfer::both_units;
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::Day;
use crate::project::{Attribute, Hidden};

/// An amount about to be recorded: of which project and measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// The project's code.
    pub project: String,
    /// Of what.
    pub measure: Measure,
    /// Signed.
    pub fen: Fen,
}

/// What a total is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// A project.
    Project {
        /// Its code.
        code: String,
        /// Its name.
        name: String,
    },
    /// A system.
    Category {
        /// Its slug, or [`NONE`].
        slug: String,
        /// Its name.
        name: String,
    },
    /// Everything.
    Whole,
}

/// A total before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Of what.
    pub of: Of,
    /// In which measure.
    pub measure: Measure,
    /// As it stands.
    pub before: Sum,
    /// As it will stand.
    pub after: Sum,
}

impl Change {
    /// By how much.
    pub fn by(&self) -> Result<Fen> {
        Fen::new(self.after.fen).checked_sub(Fen::new(self.before.fen))
    }
}

/// The changes that amounts would make as of `today`, on top of `head`: projects first, in the
/// order they are named, then their systems, then the whole.
///
/// A project's whole balance stands in its system of today, wherever it stood on the amount's own
/// day: so does what is added.
///
/// # Errors
/// Names a project that is not registered, and an overflow.
pub fn effect(conn: &mut AnyConnection, today: Day, head: &Head, amounts: &[Amount]) -> Result<Vec<Change>> {
    let (mut changes, by_system) = projects(conn, today, head, amounts)?;
    changes.extend(totals(conn, today, head, &by_system)?);
    Ok(changes)
}

/// The same of the projects alone, which is what a preview is compared by.
///
/// # Errors
/// Names a project that is not registered, and an overflow.
pub fn of_projects(conn: &mut AnyConnection, today: Day, head: &Head, amounts: &[Amount]) -> Result<Vec<Change>> {
    Ok(projects(conn, today, head, amounts)?.0)
}

/// What is added to each system, by measure.
type BySystem = BTreeMap<(String, Measure), Sum>;

fn projects(conn: &mut AnyConnection, today: Day, head: &Head, amounts: &[Amount]) -> Result<(Vec<Change>, BySystem)> {
    let added = added(amounts)?;
    let mut order: Vec<&str> = Vec::new();
    for amount in amounts {
        if !order.contains(&amount.project.as_str()) {
            order.push(&amount.project);
        }
    }
    let (mut changes, mut by_system) = (Vec::new(), BySystem::new());
    for code in order {
        let row = rows::find(conn, Hidden::NOTHING, today, head, code)?
            .ok_or_else(|| Error::not_found("项目", code, "编号如 CY-01，见首页"))?;
        let name = row.state.value(Attribute::Name).to_owned();
        let system = rows::key(Hidden::NOTHING, &row.state, Attribute::Category);
        for ((_, measure), sum) in added.iter().filter(|((project, _), _)| *project == code) {
            let of = Of::Project { code: code.to_owned(), name: name.clone() };
            changes.push(change(of, *measure, row.figures.sum(*measure), *sum)?);
            let slot = by_system.entry((system.clone(), *measure)).or_default();
            *slot = slot.plus(*sum)?;
        }
    }
    Ok((changes, by_system))
}

/// What is added, by project and measure.
fn added(amounts: &[Amount]) -> Result<BTreeMap<(&str, Measure), Sum>> {
    let mut added: BTreeMap<(&str, Measure), Sum> = BTreeMap::new();
    for amount in amounts {
        let slot = added.entry((&amount.project, amount.measure)).or_default();
        *slot = slot.plus(Sum { fen: amount.fen.get(), n: 1 })?;
    }
    Ok(added)
}

/// The systems touched and the whole, asked of the rollup like every other total.
fn totals(conn: &mut AnyConnection, today: Day, head: &Head, by_system: &BySystem) -> Result<Vec<Change>> {
    let scope = Scope { as_of: today, known: head.clone(), by: vec![Dimension::Category], filter: Filter::default() };
    let answer = rollup(conn, &scope, &Deadline::none())?;
    let mut changes = Vec::new();
    let mut whole: BTreeMap<Measure, Sum> = BTreeMap::new();
    for ((slug, measure), sum) in by_system {
        let row = answer.rows.iter().find(|row| row.keys.first() == Some(slug));
        let name = row.and_then(|row| row.labels.first()).map_or_else(|| system_name(slug), Clone::clone);
        let before = row.map_or_else(Sum::default, |row| row.figures.sum(*measure));
        changes.push(change(Of::Category { slug: slug.clone(), name }, *measure, before, *sum)?);
        let slot = whole.entry(*measure).or_default();
        *slot = slot.plus(*sum)?;
    }
    for (measure, sum) in whole {
        changes.push(change(Of::Whole, measure, answer.total.sum(measure), sum)?);
    }
    Ok(changes)
}

fn system_name(slug: &str) -> String {
    if slug == NONE { Dimension::Category.bucket().to_owned() } else { slug.to_owned() }
}

fn change(of: Of, measure: Measure, before: Sum, added: Sum) -> Result<Change> {
    Ok(Change { of, measure, before, after: before.plus(added)? })
}

/// What was seen of the projects before saving, as text for a form: `CY-01 paid 1250000.00 3`, a
/// line each. Systems and the whole move with every entry anywhere and are left out.
pub fn seen(changes: &[Change]) -> String {
    let line = |change: &Change| match &change.of {
        Of::Project { code, .. } => {
            Some(format!("{code} {} {} {}", change.measure.key(), Fen::new(change.before.fen).yuan(), change.before.n))
        }
        Of::Category { .. } | Of::Whole => None,
    };
    changes.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

/// Whether the projects still stand as they were seen.
///
/// # Errors
/// [`Error::Stale`] says both versions of what has moved.
pub fn check_seen(changes: &[Change], seen: &str) -> Result<()> {
    if self::seen(changes) == seen {
        return Ok(());
    }
    let mut told = Vec::new();
    for change in changes {
        let Of::Project { code, .. } = &change.of else { continue };
        let lead = format!("{code} {} ", change.measure.key());
        let now = (Fen::new(change.before.fen), change.before.n);
        let then = seen.lines().find_map(|line| line.strip_prefix(&lead)).and_then(|rest| {
            let (fen, n) = rest.split_once(' ')?;
            Some((Fen::parse_yuan(fen).ok()?, n.parse::<i64>().ok()?))
        });
        match then {
            Some(then) if then == now => {}
            Some(then) => told.push(format!(
                "{code} {}：预览时 {}，现在 {}",
                change.measure.label(),
                balance_words(then),
                balance_words(now)
            )),
            None => told.push(format!("{code} {}：现在 {}", change.measure.label(), balance_words(now))),
        }
    }
    Err(Error::Stale(format!("预览之后有人记了账，没有保存。{}。请按新的合计再看一遍", told.join("；"))))
}

/// A balance with its number of entries; no entry is not zero.
fn balance_words((fen, n): (Fen, i64)) -> String {
    match n {
        0 => "尚无记录".into(),
        n => format!("{}，{n} 笔", both_units(fen)),
    }
}
