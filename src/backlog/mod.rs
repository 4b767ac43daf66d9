//! 存量补录: what was true before the register was used, brought over from papers: investment
//! nature, stage, start and finish, the approved budget, and the money up to a day.
//!
//! A row says how a project should stand. It is compared with how the project stood when the sheet
//! was downloaded and how it stands now; only what the row changes is recorded, as dated facts and
//! openings (期初). A cell left empty says nothing: it takes nothing back.

pub mod command;
mod known;
mod plan;

use std::collections::BTreeMap;

pub use known::{Known, list_known, list_known_of};
pub use plan::preview;

use crate::error::{Error, Result};
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::{Day, Precision, Year};
use crate::project::Attribute;
use crate::subtotal::Sum;

/// The measures whose past is brought over, in the order of the columns.
pub const MEASURES: [Measure; 3] = [Measure::Completed, Measure::Received, Measure::Paid];

/// A date, as far as it is known.
pub type Dated = (Day, Precision);

/// What was said in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<T> {
    /// 「D7」.
    pub cell: String,
    /// What.
    pub value: T,
}

/// Whether a project is built or done: what its start and finish are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Works {
    /// 工程: 开工 (N5), 竣工验收 (N8).
    Construction,
    /// 非工程 (surveys, studies, campaigns): 启动 (S1), 验收 (S3).
    Study,
}

impl Works {
    /// Both with the words in the sheet.
    pub const ALL: [(Works, &'static str); 2] = [(Works::Construction, "工程"), (Works::Study, "非工程")];

    /// The word in the sheet.
    pub fn label(self) -> &'static str {
        Works::ALL.iter().find(|(works, _)| *works == self).map_or("", |(_, label)| label)
    }

    /// The milestones of its start and its finish.
    pub fn nodes(self) -> [&'static str; 2] {
        match self {
            Works::Construction => ["N5", "N8"],
            Works::Study => ["S1", "S3"],
        }
    }
}

/// What a row of the sheet says of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The project's code.
    pub code: Said<String>,
    /// The journal row that the sheet was downloaded at; none: compared with what stands now.
    pub version: Option<Said<i64>>,
    /// 工程类型.
    pub works: Option<Said<Works>>,
    /// 投资性质, its word.
    pub nature: Option<Said<&'static str>>,
    /// 阶段, its word.
    pub stage: Option<Said<&'static str>>,
    /// Since when.
    pub stage_from: Option<Said<Dated>>,
    /// 实际开工 or 启动.
    pub started: Option<Said<Dated>>,
    /// 实际竣工 or 验收.
    pub finished: Option<Said<Dated>>,
    /// 批复概算.
    pub approved: Option<Said<Fen>>,
    /// Its 文号.
    pub approved_by: Option<Said<String>>,
    /// When it was approved.
    pub approved_on: Option<Said<Dated>>,
    /// The day that the money is told up to.
    pub up_to: Option<Said<Day>>,
    /// All years together, by [`MEASURES`].
    pub totals: [Option<Said<Fen>>; 3],
    /// Of single years: the measure's place in [`MEASURES`], the year, the amount.
    pub years: Vec<(usize, Year, Said<Fen>)>,
    /// The document it rests on, when not that of the whole sheet.
    pub document: Option<Said<String>>,
}

impl Wish {
    /// A row that says nothing yet.
    pub fn of(code: Said<String>) -> Wish {
        Wish {
            code,
            version: None,
            works: None,
            nature: None,
            stage: None,
            stage_from: None,
            started: None,
            finished: None,
            approved: None,
            approved_by: None,
            approved_on: None,
            up_to: None,
            totals: [const { None }; 3],
            years: Vec::new(),
            document: None,
        }
    }
}

/// Sums of the three measures by year; no year: 未分年.
pub type Sums = BTreeMap<(usize, Option<i32>), Sum>;

/// All years of a measure together.
///
/// # Errors
/// When they are beyond `i64`.
pub fn total(sums: &Sums, measure: usize) -> Result<Sum> {
    sums.iter().filter(|((own, _), _)| *own == measure).try_fold(Sum::default(), |all, (_, sum)| all.plus(*sum))
}

/// What something rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paper {
    /// The document of the whole sheet.
    Sheet,
    /// One of its own, with its date when the row tells it.
    Own(String, Option<Dated>),
}

/// One thing that a row changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A dated fact of the registry.
    Fact {
        /// Of what.
        attribute: Attribute,
        /// The value before; empty: none.
        before: String,
        /// The value to be.
        after: String,
        /// From when.
        from: Dated,
    },
    /// A milestone met.
    Met {
        /// N5, N8, S1 or S3.
        milestone: &'static str,
        /// When.
        on: Dated,
    },
    /// An opening (期初).
    Opening {
        /// Of what.
        measure: Measure,
        /// Of which year; none: 未分年.
        year: Option<Year>,
        /// What stands.
        before: Sum,
        /// What is added; negative when what stands is more.
        amount: Fen,
        /// Dated.
        on: Day,
    },
}

/// One change, the cell it comes from, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// 「D7」.
    pub cell: String,
    /// What.
    pub what: What,
    /// By which document.
    pub paper: Paper,
}

/// Something to look at in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// 「D7」.
    pub cell: String,
    /// What is odd.
    pub text: String,
    /// Whether it must be answered for before the sheet is loaded: a unit that was probably another.
    pub is_grave: bool,
}

/// A project and what its row changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Its id.
    pub project: i64,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The changes; none: the row says what stands.
    pub changes: Vec<Change>,
    /// What to look at.
    pub hints: Vec<Hint>,
}

/// What a sheet would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// A line for every row, in the sheet's order.
    pub rows: Vec<Planned>,
}

impl Outcome {
    /// How many changes there are.
    pub fn count(&self) -> usize {
        self.rows.iter().map(|row| row.changes.len()).sum()
    }

    /// What must be answered for, with its project.
    pub fn grave(&self) -> Vec<String> {
        let told = |row: &Planned| {
            row.hints.iter().filter(|hint| hint.is_grave).map(|hint| format!("{} {}", hint.cell, hint.text)).collect()
        };
        self.rows.iter().flat_map(|row| -> Vec<String> { told(row) }).collect()
    }

    /// What is added to each project's money.
    pub fn amounts(&self) -> Vec<crate::rollup::effect::Amount> {
        let mut amounts = Vec::new();
        for row in &self.rows {
            for change in &row.changes {
                if let What::Opening { measure, amount, .. } = change.what {
                    amounts.push(crate::rollup::effect::Amount { project: row.code.clone(), measure, fen: amount });
                }
            }
        }
        amounts
    }
}

/// The amount of a stored 批复概算: whole fen as text.
///
/// # Errors
/// When what is stored is no amount.
pub fn approved_of(value: &str) -> Result<Option<Fen>> {
    match value {
        "" => Ok(None),
        text => text.parse().map(|fen| Some(Fen::new(fen))).map_err(|_| Error::internal("批复概算无效", text)),
    }
}
