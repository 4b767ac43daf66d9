//! 汇总: one function answers every total. Table, card, chart, file and API all ask [`rollup`].
//!
//! Three ways to the same figures, chosen by what is asked (see [`Way`]); a property test and
//! `taizhang check` hold them equal to a fold of the entries.

mod current;
pub mod effect;
mod filter;
mod fold;
mod labels;
pub mod list;
pub mod rebuild;

pub mod rows;
mod store;

use std::collections::HashMap;

use crate::db::{AnyConnection, Head};
use crate::error::{Error, Result};
use crate::measure::{Counter, Measure};
use crate::period::Day;
pub use crate::project::department::supported_by;
pub use crate::subtotal::Sum;
use crate::subtotal::{UNCLASSIFIED, store as kept};
pub use filter::{Filter, Own, members, open_departments};
pub use fold::Deadline;

/// The key of what is not classified: 待确认, 未填, 未分年, 未落实. Nothing disappears.
pub const NONE: &str = "none";

/// What totals are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// 体系.
    Category,
    /// 责任部门 (lead only).
    Department,
    /// 投资性质.
    Nature,
    /// First year of 建设年限.
    StartYear,
    /// Last year of 建设年限.
    EndYear,
    /// Fiscal year of the entries.
    Year,
    /// 资金来源 of the entries.
    Source,
    /// 阶段.
    Stage,
}

impl Dimension {
    /// Every dimension with its word and its name on screen.
    pub const ALL: [(Dimension, &'static str, &'static str); 8] = [
        (Dimension::Category, "category", "体系"),
        (Dimension::Department, "department", "责任部门"),
        (Dimension::Nature, "nature", "投资性质"),
        (Dimension::StartYear, "start_year", "起始年"),
        (Dimension::EndYear, "end_year", "终止年"),
        (Dimension::Year, "year", "年度"),
        (Dimension::Source, "source", "资金来源"),
        (Dimension::Stage, "stage", "阶段"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        Dimension::ALL.iter().find(|(known, ..)| *known == self).map_or("", |(_, word, _)| word)
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        Dimension::ALL.iter().find(|(known, ..)| *known == self).map_or("", |(.., label)| label)
    }

    /// The name on screen of what is not classified by it.
    pub fn bucket(self) -> &'static str {
        match self {
            Dimension::Category | Dimension::Department | Dimension::Nature => "待确认",
            Dimension::StartYear | Dimension::EndYear | Dimension::Stage => "未填",
            Dimension::Year => "未分年",
            Dimension::Source => "未落实",
        }
    }

    /// The dimension of a word.
    pub fn parse(word: &str) -> Result<Dimension> {
        let allowed = || Dimension::ALL.map(|(_, word, label)| format!("{word}（{label}）")).join("、");
        Dimension::ALL
            .iter()
            .find(|(_, known, _)| *known == word)
            .map(|(dimension, ..)| *dimension)
            .ok_or_else(|| Error::invalid("by", word, format!("不能按它汇总；可用 {}", allowed())))
    }

    /// Whether it splits entries rather than projects: projects then do not partition.
    pub fn is_of_entries(self) -> bool {
        matches!(self, Dimension::Year | Dimension::Source)
    }
}

/// A question: grouped how, over what, at which date, as known when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// 截至.
    pub as_of: Day,
    /// 按…时的记录.
    pub known: Head,
    /// At most two, different.
    pub by: Vec<Dimension>,
    /// What counts.
    pub filter: Filter,
}

impl Scope {
    /// Whether it splits or filters entries rather than projects.
    fn is_of_entries(&self) -> bool {
        self.filter.is_of_entries() || self.by.iter().any(|by| by.is_of_entries())
    }
}

/// How many milestones are planned, due, met and late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Milestones {
    /// Having a planned day.
    pub planned: i64,
    /// Whose planned day has come.
    pub due: i64,
    /// Met.
    pub met: i64,
    /// Past their planned day and not met.
    pub late: i64,
}

impl Milestones {
    /// Each count added.
    pub fn plus(self, other: Milestones) -> Milestones {
        Milestones {
            planned: self.planned + other.planned,
            due: self.due + other.due,
            met: self.met + other.met,
            late: self.late + other.late,
        }
    }
}

/// The figures of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Projects; none where projects do not partition.
    pub projects: Option<i64>,
    /// In the order of [`Measure::ALL`].
    pub sums: [Sum; 6],
    /// None where projects do not partition.
    pub milestones: Option<Milestones>,
}

impl Figures {
    /// The sum of one measure.
    pub fn sum(&self, measure: Measure) -> Sum {
        Measure::ALL.iter().zip(self.sums).find(|(known, _)| **known == measure).map_or(Sum::default(), |(_, sum)| sum)
    }

    /// Everything added.
    pub fn plus(&self, other: &Figures) -> Result<Figures> {
        let mut sums = self.sums;
        for (mine, theirs) in sums.iter_mut().zip(other.sums) {
            *mine = mine.plus(theirs)?;
        }
        Ok(Figures {
            projects: self.projects.zip(other.projects).map(|(a, b)| a + b),
            sums,
            milestones: self.milestones.zip(other.milestones).map(|(a, b)| a.plus(b)),
        })
    }

    fn of_projects() -> Figures {
        Figures { projects: Some(0), sums: Default::default(), milestones: Some(Milestones::default()) }
    }
}

/// One group of a rollup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// One key a dimension, [`NONE`] for what is not classified.
    pub keys: Vec<String>,
    /// The keys' names on screen.
    pub labels: Vec<String>,
    /// Its figures.
    pub figures: Figures,
}

/// The way a rollup was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the kept cells: by system, any date, any instant.
    Kept,
    /// From what is kept of each project's present: as of today, known now.
    Current,
    /// From the entries one by one.
    Fold,
}

/// The answer, in the order of the dimensions' own lists, and its total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollup {
    /// The groups.
    pub rows: Vec<Row>,
    /// Their sum, added up here from the rows.
    pub total: Figures,
    /// How it was computed.
    pub way: Way,
}

/// Figures by key, before labels and order.
type Groups = HashMap<Vec<String>, Figures>;

/// Answers one question.
///
/// # Errors
/// [`Error::Deadline`] when only the entries themselves can answer and there are too many.
pub fn rollup(conn: &mut AnyConnection, scope: &Scope, deadline: &Deadline) -> Result<Rollup> {
    check(scope)?;
    let way = way(conn, scope)?;
    let groups = match way {
        Way::Kept => from_kept(conn, scope)?,
        Way::Current => current::groups(conn, scope, deadline)?,
        Way::Fold => fold::fold(conn, scope, deadline)?,
    };
    labels::finish(conn, scope, groups, way)
}

fn check(scope: &Scope) -> Result<()> {
    match scope.by.as_slice() {
        [] | [_] => Ok(()),
        [a, b] if a != b => Ok(()),
        many => {
            let given: Vec<&str> = many.iter().take(10).map(|by| by.word()).collect();
            Err(Error::invalid("by", given.join(","), "最多两个不同的维度"))
        }
    }
}

/// 1. By system or not at all, nothing filtered but systems, and none of them hidden → kept cells.
/// 2. As of now → current rows.
/// 3. Otherwise the entries.
fn way(conn: &mut AnyConnection, scope: &Scope) -> Result<Way> {
    // What is kept by system is kept of every system, inferred or not.
    let is_by_system = scope.by == [Dimension::Category] || !scope.filter.category.is_empty();
    if matches!(scope.by.as_slice(), [] | [Dimension::Category])
        && scope.filter.is_category_only()
        && !(is_by_system && scope.filter.hidden.categories)
    {
        return Ok(Way::Kept);
    }
    Ok(if is_now(conn, scope.as_of, &scope.known)? { Way::Current } else { Way::Fold })
}

/// Whether the current rows are the answer: everything recorded so far, at a date that leaves
/// none of it out. Nothing is dated after the day it is recorded, so the day of `known` suffices.
/// Accounts, settings and publications change no figure: what was recorded of them does not count.
pub(crate) fn is_now(conn: &mut AnyConnection, as_of: Day, known: &Head) -> Result<bool> {
    Ok(as_of >= known.at.day() && store::last_change(conn)? <= known.seq)
}

fn from_kept(conn: &mut AnyConnection, scope: &Scope) -> Result<Groups> {
    let slugs: HashMap<i64, String> = crate::project::store::list_categories(conn)?
        .into_iter()
        .map(|category| (category.id, category.slug))
        .collect();
    let mut groups = Groups::new();
    for ((member, code), sum) in kept::sums(conn, scope.as_of, &scope.known)? {
        let slug = match member {
            UNCLASSIFIED => NONE,
            _ => slugs.get(&member).map_or(NONE, String::as_str),
        };
        if !scope.filter.category.is_empty() && !scope.filter.category.iter().any(|wanted| wanted == slug) {
            continue;
        }
        let keys = scope.by.iter().map(|_| slug.to_owned()).collect();
        let figures = groups.entry(keys).or_insert_with(Figures::of_projects);
        add(figures, code, sum)?;
    }
    Ok(groups)
}

fn add(figures: &mut Figures, code: i32, sum: Sum) -> Result<()> {
    if let Some(slot) = usize::try_from(code - 1).ok().and_then(|at| figures.sums.get_mut(at)) {
        *slot = slot.plus(sum)?;
        return Ok(());
    }
    match (Counter::from_code(code), figures.milestones.as_mut()) {
        (Some(Counter::Project), _) => figures.projects = figures.projects.map(|n| n + sum.n),
        (Some(Counter::MilestonePlanned), Some(counts)) => counts.planned += sum.n,
        (Some(Counter::MilestoneDue), Some(counts)) => counts.due += sum.n,
        (Some(Counter::MilestoneMet), Some(counts)) => counts.met += sum.n,
        (Some(Counter::MilestoneLate), Some(counts)) => counts.late += sum.n,
        _ => return Err(Error::internal("合计里有不认识的口径", code.to_string())),
    }
    Ok(())
}
