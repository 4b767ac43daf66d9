//! 双人复核: what one person may ask for and only another may let happen.
//!
//! 1. Somebody asks: before, after and the effect are written down with the request.
//! 2. Another account, whose role may answer this kind, approves or refuses; whoever asked can
//!    only take it back.
//! 3. A request that nobody answered in time (设置 `second_person_days`) can only be asked again.
//! 4. Approving carries it out in the same command: one journal row names both.
//!
//! It stands above the commands it carries out. A kind is a row of [`Kind::ALL`] and an arm in
//! `command::carry_out`.

pub mod command;
pub mod investment;
mod office;
pub mod reopen;
pub mod reversal;
pub mod store;

use crate::auth::{Actor, Role};
use crate::clock::Instant;
use crate::db::fact;
use crate::document::Citation;
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::period::{Day, Precision};
use crate::setting;

fact! {
    /// What somebody asks for.
    request Request {
        /// See [`Kind`].
        kind: String,
        /// To what: a project, an account.
        subject: String,
        /// What is carried out, as JSON.
        payload: String,
        /// What is so now, in words.
        before: String,
        /// What will be so.
        after: String,
        /// What else it changes: totals of the system and of the whole.
        effect: String,
        reason: String,
        /// The last day it can be answered.
        expires_on: i32,
    }
}

fact! {
    /// How a request ended.
    request_answer RequestAnswer {
        request_id: i64,
        /// `approved`, `refused` or `cancelled`.
        answer: String,
        reason: String,
    }
}

/// What needs two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The role of the office, for an account that is there.
    GrantOffice,
    /// An adjustment of an investment that is on the register.
    ChangeInvestment,
    /// Taking back an entry of an investment.
    ReverseInvestment,
    /// A locked month opened again.
    ReopenMonth,
    /// 反结账: a settled month opened again.
    ReopenFinance,
}

/// Who may ask for a kind and who may answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindRow {
    /// The kind.
    pub kind: Kind,
    /// The word it is stored under.
    pub word: &'static str,
    /// Its name on screen.
    pub label: &'static str,
    /// Roles that may ask.
    pub asks: &'static [Role],
    /// Roles that may answer.
    pub answers: &'static [Role],
    /// Why it needs two.
    pub why: &'static str,
}

impl Kind {
    /// Every kind.
    pub const ALL: [KindRow; 5] = [
        KindRow {
            kind: Kind::GrantOffice,
            word: "grant_office",
            label: "授予办公室角色",
            asks: &[Role::Office],
            answers: &[Role::Office],
            why: "办公室能确认、发布、管账户；一个人不能自己给自己人开这个口",
        },
        KindRow {
            kind: Kind::ChangeInvestment,
            word: "change_investment",
            label: "调整规划投资额",
            asks: &[Role::Planner],
            answers: &[Role::Planner, Role::Office],
            why: "投资额是全部占比和合计的基数，改错一个数，各体系的合计都错",
        },
        KindRow {
            kind: Kind::ReverseInvestment,
            word: "reverse_investment",
            label: "冲正规划投资额",
            asks: &[Role::Planner],
            answers: &[Role::Planner, Role::Office],
            why: "冲正一笔投资额，和调整一样动到全部占比和合计",
        },
        KindRow {
            kind: Kind::ReopenMonth,
            word: "reopen_month",
            label: "重新打开锁定的月份",
            asks: &[Role::Office],
            answers: &[Role::Office],
            why: "锁定的月份已经报出、发布，再改它要有第二个人知道",
        },
        KindRow {
            kind: Kind::ReopenFinance,
            word: "reopen_finance",
            label: "反结账",
            asks: &[Role::Finance],
            answers: &[Role::Finance, Role::Office],
            why: "结账的执行数已经对外用过，再改它要有第二个人知道",
        },
    ];

    /// The row of a kind.
    pub fn row(self) -> &'static KindRow {
        Kind::ALL.iter().find(|row| row.kind == self).unwrap_or(&Kind::ALL[0])
    }

    /// The kind of a stored word.
    pub fn parse(word: &str) -> Result<Kind> {
        Kind::ALL
            .iter()
            .find(|row| row.word == word)
            .map(|row| row.kind)
            .ok_or_else(|| Error::internal("不认识的复核事项", word))
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits for its second person.
    Waiting,
    /// Nobody answered in time.
    Expired,
    /// Approved and carried out.
    Approved,
    /// Refused.
    Refused,
    /// Taken back by whoever asked.
    Cancelled,
}

impl State {
    /// Its name on screen.
    pub fn label(self) -> &'static str {
        match self {
            State::Waiting => "待复核",
            State::Expired => "已过期",
            State::Approved => "已同意",
            State::Refused => "未同意",
            State::Cancelled => "已撤销",
        }
    }
}

/// A request with who asked and how it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The request.
    pub request: Request,
    /// Who asked, as the journal has it.
    pub asked_by: String,
    /// When.
    pub asked_at: Instant,
    /// The answer, who gave it and when.
    pub answer: Option<(RequestAnswer, String, Instant)>,
}

impl Told {
    /// Where it stands on a day.
    pub fn state(&self, today: Day) -> State {
        match self.answer.as_ref().map(|(answer, ..)| answer.answer.as_str()) {
            Some("approved") => State::Approved,
            Some("refused") => State::Refused,
            Some(_) => State::Cancelled,
            None if today.raw() > self.request.expires_on => State::Expired,
            None => State::Waiting,
        }
    }
}

/// How somebody ends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Let it happen.
    Approved,
    /// Not so.
    Refused,
    /// Whoever asked takes it back.
    Cancelled,
}

impl Answer {
    /// The word it is stored under.
    pub fn word(self) -> &'static str {
        match self {
            Answer::Approved => "approved",
            Answer::Refused => "refused",
            Answer::Cancelled => "cancelled",
        }
    }
}

/// The last day a request made now can be answered.
fn expiry(recording: &mut Recording<'_, '_>) -> Result<Day> {
    let (today, seq) = (recording.today(), recording.seq());
    // The setting's own rule keeps it a number.
    let days = setting::number(recording.tx().conn(), setting::SECOND_PERSON_DAYS, today, seq)?.unwrap_or(14);
    Ok((0..days).fold(today, |day, _| day.succ()))
}

/// Whether an actor may ask for a kind.
pub fn check_ask(kind: Kind, actor: &Actor) -> Result<()> {
    let row = kind.row();
    if !actor.is_account() {
        return Err(Error::Forbidden("双人复核只在账户之间进行；请登录后提出".into()));
    }
    match actor.roles().iter().any(|role| row.asks.contains(role)) {
        true => Ok(()),
        false => Err(Error::Forbidden(format!("“{}”由{}提出", row.label, names(row.asks)))),
    }
}

/// What a request rests on: what whoever approves it answers for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Basis {
    /// By which document.
    pub document: Option<Citation>,
    /// From which days.
    pub days: Vec<Day>,
}

/// What a request rests on; nothing where its kind has no document.
///
/// # Errors
/// A request whose content cannot be read.
pub fn basis(request: &Request) -> Result<Basis> {
    match Kind::parse(&request.kind)? {
        Kind::ChangeInvestment => investment::basis(request),
        Kind::ReverseInvestment => reversal::basis(request),
        Kind::GrantOffice | Kind::ReopenMonth | Kind::ReopenFinance => Ok(Basis::default()),
    }
}

/// A document's date as requests keep it.
fn dated(kept: Option<(i32, String)>) -> Result<Option<(Day, Precision)>> {
    kept.map(|(day, precision)| Ok((Day::from_raw(day)?, Precision::parse(&precision)?))).transpose()
}

/// Whether an actor may give this answer to this request on this day.
pub fn check_answer(kind: Kind, told: &Told, actor: &Actor, answer: Answer, today: Day) -> Result<()> {
    let row = kind.row();
    match told.state(today) {
        State::Waiting => {}
        State::Expired => {
            let until = Day::from_raw(told.request.expires_on)?;
            return Err(Error::Conflict(format!("申请在 {until} 过期，不能再答复；请重新提出")));
        }
        ended => return Err(Error::Conflict(format!("申请{}，不能再答复", ended.label()))),
    }
    let is_own = told.asked_by == actor.name();
    match answer {
        Answer::Cancelled if is_own => Ok(()),
        Answer::Cancelled => Err(Error::Forbidden("只有提出申请的人可以撤销；不同意请选“不同意”".into())),
        _ if is_own => Err(Error::Forbidden("自己提出的申请要由另一个人复核；自己只能撤销".into())),
        _ if !actor.is_account() => Err(Error::Forbidden("复核的人要有账户".into())),
        _ if actor.roles().iter().any(|role| row.answers.contains(role)) => Ok(()),
        _ => Err(Error::Forbidden(format!("“{}”由{}复核", row.label, names(row.answers)))),
    }
}

fn names(roles: &[Role]) -> String {
    roles.iter().map(|role| role.label()).collect::<Vec<_>>().join("或")
}
