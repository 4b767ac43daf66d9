//! 重点工程: the registry. What is said of a project is dated facts; nothing is edited.

pub mod command;
pub mod confirm;
pub mod department;
mod hidden;
pub mod store;

use std::collections::BTreeMap;

use crate::db::fact;
use crate::error::{Error, Result};
use crate::money::Fen;
use crate::period::{Day, Year};
pub use hidden::Hidden;

fact! {
    /// 体系.
    category Category { slug: String, name: String, position: i32, }
}

fact! {
    /// 责任部门.
    department Department { code: String, name: String, note: String, }
}

fact! {
    /// 资金来源.
    source Source { code: String, name: String, position: i32, note: String, }
}

fact! {
    /// A project's identity; everything else about it is [`ProjectFact`]s.
    project Project {
        code: String,
        /// 序号 in its document's table.
        no: i32,
        registered_on: i32,
        precision: String,
        document_id: Option<i64>,
        line_id: Option<i64>,
    }
}

fact! {
    /// One thing said of a project, true from `effective_on` until a later fact of the same attribute.
    project_fact ProjectFact {
        project_id: i64,
        attribute: String,
        effective_on: i32,
        precision: String,
        value: String,
        /// stated, inferred or confirmed.
        status: String,
        /// Why it is thought so, or the words it rests on.
        basis: String,
        /// 高, 中高, 中, 中低, 低 for what is inferred.
        confidence: String,
        document_id: Option<i64>,
        line_id: Option<i64>,
    }
}

fact! {
    /// A registry or milestone fact taken back.
    withdrawal Withdrawal { fact_id: i64, reason: String, document_id: Option<i64>, }
}

/// What can be said of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// 工程名称.
    Name,
    /// 主要内容.
    Content,
    /// 体系 (slug).
    Category,
    /// 牵头部门 (code).
    LeadDepartment,
    /// 协同部门 (names or codes, separated by 、).
    SupportDepartments,
    /// 投资性质.
    Nature,
    /// 阶段.
    Stage,
    /// First year of 建设年限.
    StartYear,
    /// Last year of 建设年限.
    EndYear,
    /// 批复概算: whole fen, as text. The plan's estimate stays what it is.
    ApprovedCost,
    /// 报送启用月 (YYYY-MM).
    ReportingFrom,
    /// 责任单位 under the lead department.
    ResponsibleUnit,
    /// 责任人: `account:7`, never a name, for names can be erased; empty while nobody has an account.
    ResponsiblePerson,
}

impl Attribute {
    /// Every attribute with the word it is stored under and its name on screen.
    pub const ALL: [(Attribute, &'static str, &'static str); 13] = [
        (Attribute::Name, "name", "工程名称"),
        (Attribute::Content, "content", "主要内容"),
        (Attribute::Category, "category", "体系"),
        (Attribute::LeadDepartment, "lead_department", "责任部门"),
        (Attribute::SupportDepartments, "support_departments", "协同部门"),
        (Attribute::Nature, "nature", "投资性质"),
        (Attribute::Stage, "stage", "阶段"),
        (Attribute::StartYear, "start_year", "起始年"),
        (Attribute::EndYear, "end_year", "终止年"),
        (Attribute::ApprovedCost, "approved_cost", "批复概算"),
        (Attribute::ReportingFrom, "reporting_from", "报送启用月"),
        (Attribute::ResponsibleUnit, "responsible_unit", "责任单位"),
        (Attribute::ResponsiblePerson, "responsible_person", "责任人"),
    ];

    /// The word it is stored under.
    pub fn word(self) -> &'static str {
        Attribute::ALL.iter().find(|(attribute, ..)| *attribute == self).map_or("", |(_, word, _)| word)
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        Attribute::ALL.iter().find(|(attribute, ..)| *attribute == self).map_or("", |(.., label)| label)
    }

    /// The attribute of a word.
    pub fn parse(word: &str) -> Result<Attribute> {
        let words = || Attribute::ALL.map(|(_, word, _)| word).join("、");
        Attribute::ALL
            .iter()
            .find(|(_, known, _)| *known == word)
            .map(|(attribute, ..)| *attribute)
            .ok_or_else(|| Error::invalid("attribute", word, format!("没有这一项；可用 {}", words())))
    }
}

/// How sure a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Written in the document it cites.
    Stated,
    /// 推定·待确认: our reading, until the office confirms it.
    Inferred,
    /// 已确认 by the office.
    Confirmed,
}

impl Status {
    /// Every status with the word it is stored under.
    pub const ALL: [(Status, &'static str); 3] =
        [(Status::Stated, "stated"), (Status::Inferred, "inferred"), (Status::Confirmed, "confirmed")];

    /// The word it is stored under.
    pub fn word(self) -> &'static str {
        Status::ALL.iter().find(|(status, _)| *status == self).map_or("", |(_, word)| word)
    }

    /// The status of a word.
    pub fn parse(word: &str) -> Result<Status> {
        Status::ALL
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(status, _)| *status)
            .ok_or_else(|| Error::invalid("status", word, "可用 stated、inferred、confirmed"))
    }
}

/// 投资性质 with the words on screen; a project without one is 待确认.
pub const NATURES: [(&str, &str); 3] = [("government", "政府"), ("enterprise", "企业"), ("mixed", "混合")];

/// Sources that are not fiscal: payments from them do not count as execution of the budget (our reading of the
/// domain guide, 3.3). Money without a source counts as fiscal until one is said.
pub const NOT_FISCAL: [&str; 4] = ["S1", "S2", "S3", "O"];

/// 阶段 with the words on screen.
pub const STAGES: [(&str, &str); 8] = [
    ("reserve", "储备"),
    ("preparation", "前期"),
    ("construction", "在建"),
    ("completion", "竣工"),
    ("settlement", "决算"),
    ("operation", "运营"),
    ("suspended", "暂停"),
    ("cancelled", "取消"),
];

/// The value of an attribute then in force, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The fact as stored.
    pub fact: ProjectFact,
    /// How sure it is.
    pub status: Status,
}

/// A project as the registry knows it at (as of, known at).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectState {
    /// Its identity.
    pub project: Project,
    /// What is said of it.
    pub facts: BTreeMap<Attribute, Standing>,
}

impl ProjectState {
    /// The value of an attribute; empty when nothing is said.
    pub fn value(&self, attribute: Attribute) -> &str {
        self.facts.get(&attribute).map_or("", |standing| standing.fact.value.as_str())
    }

    /// A year attribute.
    pub fn year(&self, attribute: Attribute) -> Option<i32> {
        self.value(attribute).parse().ok()
    }

    /// 批复概算, when it is on record.
    pub fn approved_cost(&self) -> Option<Fen> {
        self.value(Attribute::ApprovedCost).parse().map(Fen::new).ok()
    }

    /// Whether what is said of an attribute is only inferred.
    pub fn is_inferred(&self, attribute: Attribute) -> bool {
        self.facts.get(&attribute).is_some_and(|standing| standing.status == Status::Inferred)
    }
}

/// Checks one value by its attribute's rule. Whether a system or department exists is checked on storing.
pub fn check_value(attribute: Attribute, value: &str) -> Result<()> {
    let one_of = |words: &[(&str, &str)]| match words.iter().any(|(word, _)| *word == value) {
        true => Ok(()),
        false => {
            let allowed = words.iter().map(|(word, label)| format!("{word}（{label}）")).collect::<Vec<_>>().join("、");
            Err(Error::invalid(attribute.word(), value, format!("可用 {allowed}")))
        }
    };
    match attribute {
        Attribute::Name => crate::document::check_text("name", value, 100),
        Attribute::Content => crate::document::check_text("content", value, 2_000),
        Attribute::Nature => one_of(&NATURES),
        Attribute::Stage => one_of(&STAGES),
        Attribute::StartYear | Attribute::EndYear => Year::parse(value).map(drop),
        Attribute::ReportingFrom => crate::period::Month::parse(value).map(drop),
        Attribute::ApprovedCost => check_approved(value),
        Attribute::SupportDepartments => crate::document::check_text("support_departments", value, 200),
        Attribute::ResponsibleUnit => crate::document::check_text("responsible_unit", value, 100),
        Attribute::ResponsiblePerson => check_person(value),
        Attribute::Category | Attribute::LeadDepartment => crate::document::check_text(attribute.word(), value, 64),
    }
}

fn check_approved(value: &str) -> Result<()> {
    match value.parse::<i64>() {
        Ok(fen) if fen > 0 && fen.to_string() == value => Ok(()),
        _ => Err(Error::invalid("approved_cost", value, "写大于 0 的整数，以分计（1 万元写 1000000）")),
    }
}

/// Whether an approved budget is more than a tenth above the plan's estimate, which is told (domain
/// guide, 3.5: 超 T₀ 10% 提醒). Without an estimate nothing is.
pub fn exceeds_estimate(approved: Fen, estimate: Fen) -> bool {
    estimate > Fen::ZERO && i128::from(approved.get()) * 10 > i128::from(estimate.get()) * 11
}

/// Whether it is more than a tenth away from the estimate, above or below: then both are to be looked at.
pub fn strays_from_estimate(approved: Fen, estimate: Fen) -> bool {
    let (approved, estimate) = (i128::from(approved.get()), i128::from(estimate.get()));
    estimate > 0 && (approved - estimate).abs() * 10 > estimate
}

fn check_person(value: &str) -> Result<()> {
    let number = value.strip_prefix("account:");
    let fits =
        value.is_empty() || number.is_some_and(|n| n.parse::<i64>().is_ok_and(|id| id > 0 && id.to_string() == n));
    match fits {
        true => Ok(()),
        false => Err(Error::invalid("responsible_person", value, "写 account:编号（账户编号），不写姓名；未定则空着")),
    }
}

/// A project's code: what people type and what URLs hold.
pub fn check_code(code: &str) -> Result<()> {
    let fits = !code.is_empty()
        && code.len() <= 32
        && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && code.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    match fits {
        true => Ok(()),
        false => Err(Error::invalid("code", code, "项目编号由 1–32 个字母、数字或连字符组成，如 CY-01")),
    }
}

/// Years in order: the end is not before the start.
pub fn check_years(start: i32, end: i32) -> Result<()> {
    match start <= end {
        true => Ok(()),
        false => Err(Error::invalid("end_year", end.to_string(), format!("早于起始年 {start}"))),
    }
}

/// Nothing is dated after today.
pub fn check_not_future(field: &str, day: Day, today: Day) -> Result<()> {
    match day <= today {
        true => Ok(()),
        false => Err(Error::invalid(field, day.to_string(), format!("晚于今天（{today}）；事实不能记在将来"))),
    }
}
