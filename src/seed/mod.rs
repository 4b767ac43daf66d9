//! A plan as data: files a clerk can read in a diff, checked whole before anything is loaded.

pub mod load;
mod public;
mod read;
mod sheet;

use std::path::Path;

use rust_embed::RustEmbed;

use crate::error::Result;
use crate::milestone::public::Statement;
use crate::money::Fen;
use crate::period::{Day, Precision};

pub use public::read_statements;
pub use read::read_projects;
pub use sheet::Files;

/// The plan that is compiled in: 《北京市朝阳区生态文明建设规划（2023-2035年）》.
#[derive(RustEmbed)]
#[folder = "seeds/"]
struct Embedded;

/// Reads a plan from a folder; every bad row is told, and nothing is half-read.
pub fn read(dir: &Path) -> Result<Plan> {
    read::plan(&Files::Folder(dir.to_owned()))
}

/// Reads the plan that is compiled in.
pub fn embedded() -> Result<Plan> {
    read::plan(&Files::Embedded)
}

/// A plan, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The document it is.
    pub document: PlanDocument,
    /// Its lines, word for word.
    pub lines: Vec<Line>,
    /// What it says of its own lines.
    pub assertions: Vec<Claim>,
    /// 体系, in order.
    pub categories: Vec<Category>,
    /// 责任部门.
    pub departments: Vec<Department>,
    /// 资金来源, in order.
    pub sources: Vec<Source>,
    /// 重点工程.
    pub projects: Vec<ProjectRow>,
    /// What it does not say and we infer.
    pub inferences: Vec<Inference>,
    /// 指标.
    pub indicators: Vec<IndicatorRow>,
    /// Oddities of the source.
    pub findings: Vec<Remark>,
    /// What public sources say of its projects; none for a district that has collected none.
    pub statements: Vec<Statement>,
}

/// The document a plan is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanDocument {
    /// What it is cited by.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Who issued it.
    pub issuer: String,
    /// 文号, empty when it has none.
    pub number: String,
    /// Its date as far as it is known.
    pub dated: (Day, Precision),
    /// SHA-256 of its text.
    pub sha256: String,
}

/// A line of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is referred to by.
    pub code: String,
    /// Where it stands.
    pub section: String,
    /// Its row in a table.
    pub row_no: Option<i32>,
    /// Its words.
    pub text: String,
}

/// What the plan says of its own lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The line that says it.
    pub line: String,
    /// Of which lines.
    pub section: String,
    /// `count` or `sum_fen`.
    pub kind: String,
    /// The figure.
    pub expected: i64,
    /// In which words.
    pub note: String,
}

/// 体系.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// The word in URLs.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its place in the order.
    pub position: i32,
}

/// 责任部门.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// The word in URLs.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Where the name comes from.
    pub note: String,
}

/// 资金来源.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its place in the order.
    pub position: i32,
    /// Where it comes from.
    pub note: String,
}

/// 重点工程.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRow {
    /// The code.
    pub code: String,
    /// 序号.
    pub no: i32,
    /// 工程名称, in the plan's words.
    pub name: String,
    /// 主要内容, in the plan's words.
    pub content: String,
    /// First year.
    pub start_year: i32,
    /// Last year.
    pub end_year: i32,
    /// 投资额.
    pub amount: Fen,
    /// The plan line; none for projects of a later document.
    pub line: Option<String>,
    /// 体系 and 责任部门 as a later document states them.
    pub stated: Vec<(String, String)>,
}

/// What we infer of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inference {
    /// The project's code.
    pub project: String,
    /// Of what.
    pub attribute: String,
    /// The value.
    pub value: String,
    /// Why.
    pub basis: String,
    /// How confident.
    pub confidence: String,
}

/// A sub-indicator, or an indicator without any: the columns of `indicators.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorRow {
    /// 1, 7.1, ….
    pub code: String,
    /// 1–37.
    pub indicator_no: i32,
    /// Its place among the sub-indicators.
    pub sub_no: Option<i32>,
    /// Every text column from `domain` to `rule`, in order (see `read::INDICATOR_TEXTS`).
    pub texts: Vec<String>,
    /// The plan line.
    pub line: String,
}

/// Something odd in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// `project`, `indicator` or `plan`.
    pub subject_kind: String,
    /// Its code.
    pub subject: String,
    /// The plan line it concerns.
    pub line: Option<String>,
    /// What is odd.
    pub text: String,
    /// What is done about it.
    pub handling: String,
}
