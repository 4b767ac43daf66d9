//! Where a report stands: what follows from its versions and steps. Pure rules.

use super::{ReportStep, ReportVersion};
use crate::auth::{Actor, Role};
use crate::error::{Error, Result};
use crate::period::Day;

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// 部门审核.
    Department,
    /// 办公室复核.
    Office,
}

impl Stage {
    /// The word it is stored under.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Department => "department",
            Stage::Office => "office",
        }
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Stage::Department => "部门审核",
            Stage::Office => "办公室复核",
        }
    }

    /// The stage of a word.
    pub fn parse(word: &str) -> Result<Stage> {
        [Stage::Department, Stage::Office]
            .into_iter()
            .find(|stage| stage.word() == word)
            .ok_or_else(|| Error::internal("不认识的审核环节", word))
    }
}

/// What can become of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// 收下审核: from here on it cannot be withdrawn.
    Open,
    /// 撤回 by the department.
    Withdraw,
    /// 通过 by the departmental reviewer.
    Pass,
    /// 退回.
    Return,
    /// 通过 by the office.
    Approve,
}

impl Step {
    /// Every step with the word it is stored under and its name on screen.
    pub const ALL: [(Step, &'static str, &'static str); 5] = [
        (Step::Open, "open", "开始审核"),
        (Step::Withdraw, "withdraw", "撤回"),
        (Step::Pass, "pass", "部门审核通过"),
        (Step::Return, "return", "退回"),
        (Step::Approve, "approve", "办公室复核通过"),
    ];

    /// The word it is stored under.
    pub fn word(self) -> &'static str {
        Step::ALL.iter().find(|(step, ..)| *step == self).map_or("", |(_, word, _)| word)
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        Step::ALL.iter().find(|(step, ..)| *step == self).map_or("", |(.., label)| label)
    }

    /// The step of a word.
    pub fn parse(word: &str) -> Result<Step> {
        Step::ALL
            .iter()
            .find(|(_, known, _)| *known == word)
            .map(|(step, ..)| *step)
            .ok_or_else(|| Error::internal("不认识的月报环节", word))
    }
}

/// The state of a project's report of a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Nothing was submitted.
    #[default]
    Unreported,
    /// 待部门审核.
    DepartmentReview,
    /// 待办公室复核.
    OfficeReview,
    /// 退回: to be mended and submitted again; it stays reported.
    Returned,
    /// 撤回: a draft again.
    Withdrawn,
    /// 已通过.
    Approved,
    /// 已发布.
    Published,
}

impl State {
    /// Every state with its word in addresses and the API, and its name on screen.
    pub const ALL: [(State, &'static str, &'static str); 7] = [
        (State::Unreported, "unreported", "未报送"),
        (State::DepartmentReview, "department_review", "待部门审核"),
        (State::OfficeReview, "office_review", "待办公室复核"),
        (State::Returned, "returned", "已退回"),
        (State::Withdrawn, "withdrawn", "已撤回"),
        (State::Approved, "approved", "已通过"),
        (State::Published, "published", "已发布"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        State::ALL.iter().find(|(state, ..)| *state == self).map_or("", |(_, word, _)| word)
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        State::ALL.iter().find(|(state, ..)| *state == self).map_or("", |(.., label)| label)
    }

    /// Whether the department may write: nothing is submitted, or it came back.
    pub fn is_open(self) -> bool {
        matches!(self, State::Unreported | State::Returned | State::Withdrawn)
    }

    /// Whose turn it is to review.
    pub fn stage(self) -> Option<Stage> {
        match self {
            State::DepartmentReview => Some(Stage::Department),
            State::OfficeReview => Some(Stage::Office),
            _ => None,
        }
    }
}

/// Something that happened to a report. Facts of one command never stand for two events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The journal row.
    pub seq: i64,
    /// Its day.
    pub on: Day,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A version was submitted; the flag says whether it goes straight to the office.
    Submitted {
        /// The version.
        version: i64,
        /// 免内审 or 代报.
        skips_review: bool,
    },
    /// A step.
    Taken(Step),
}

impl ReportVersion {
    /// The event it is.
    pub fn event(&self) -> Result<Event> {
        let what = What::Submitted { version: self.id, skips_review: self.skips_review != 0 };
        Ok(Event { seq: self.seq, on: Day::from_raw(self.submitted_on)?, what })
    }
}

impl ReportStep {
    /// The event it is.
    pub fn event(&self) -> Result<Event> {
        Ok(Event { seq: self.seq, on: Day::from_raw(self.taken_on)?, what: What::Taken(Step::parse(&self.step)?) })
    }
}

/// Where a report stands, and what of its past matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Course {
    /// The state.
    pub state: State,
    /// The day of the first submission that was not withdrawn: 及时 is judged by it.
    pub first_submitted_on: Option<Day>,
    /// The version that stands; none while nothing does.
    pub version: Option<i64>,
    /// The last journal row; 0 when nothing happened.
    pub seq: i64,
    /// Whether a reviewer has begun: it cannot be withdrawn any more.
    pub is_opened: bool,
}

/// 1. A submission opens the departmental review, or the office's where 免内审 or 代报.
/// 2. Passing leads on to the office; approving ends it; returning gives it back.
/// 3. A withdrawal before the next step began undoes the submission: who hands in and takes back
///    has not handed in. A returned report stays handed in.
/// 4. `published_after` is the journal row up to which a publication of the month knows.
pub fn course(events: &[Event], published_after: Option<i64>) -> Course {
    let mut now = Course::default();
    let mut before = now;
    for event in events {
        let kept = now;
        match event.what {
            What::Submitted { version, skips_review } => {
                let state = if skips_review { State::OfficeReview } else { State::DepartmentReview };
                let first = now.first_submitted_on.or(Some(event.on));
                now = Course { state, first_submitted_on: first, version: Some(version), is_opened: false, ..now };
                before = kept;
            }
            What::Taken(Step::Open) => now.is_opened = true,
            What::Taken(Step::Withdraw) => {
                now = Course { state: State::Withdrawn, is_opened: false, version: before.version, ..before };
            }
            // Passing is more than having begun.
            What::Taken(Step::Pass) => now = Course { state: State::OfficeReview, is_opened: true, ..now },
            What::Taken(Step::Return) => now = Course { state: State::Returned, is_opened: false, ..now },
            What::Taken(Step::Approve) => now.state = State::Approved,
        }
        now.seq = event.seq;
    }
    if now.state == State::Approved && published_after.is_some_and(|known| now.seq <= known) {
        now.state = State::Published;
    }
    now
}

/// Whether a report can be submitted now.
pub fn check_submit(now: &Course) -> Result<()> {
    match now.state {
        state if state.is_open() => Ok(()),
        State::Approved | State::Published => {
            Err(Error::Conflict("这个月的月报已经通过，不再改；要更正，在下个月的月报里填“更正上月”".into()))
        }
        state => Err(Error::Conflict(format!("月报已提交，{}；要改请先撤回，或请审核的人退回", state.label()))),
    }
}

/// Whether the department can take its report back: until the next step begins.
pub fn check_withdraw(now: &Course) -> Result<()> {
    match (now.state.stage(), now.is_opened) {
        (None, _) => Err(Error::Conflict(format!("月报{}，没有可以撤回的提交", now.state.label()))),
        (Some(_), true) => Err(Error::Conflict("审核已经开始，不能撤回；请审核的人退回".into())),
        (Some(_), false) => Ok(()),
    }
}

/// Who decides at a stage:
/// 1. at the departmental review, a reviewer of the lead department (or the register's operator);
/// 2. at the office's, the office;
/// 3. never whoever submitted the version.
pub fn check_reviewer(stage: Stage, lead: &str, submitted_by: &str, actor: &Actor) -> Result<()> {
    let is_operator = actor.roles().contains(&Role::Operator);
    let fits = match stage {
        Stage::Department => {
            actor.roles().contains(&Role::Reviewer) && actor.departments().iter().any(|own| own == lead)
        }
        Stage::Office => actor.roles().contains(&Role::Office),
    };
    if !fits && !is_operator {
        let who = match stage {
            Stage::Department => "本部门的审核人",
            Stage::Office => "办公室",
        };
        return Err(Error::Forbidden(format!("现在是{}，由{who}办理", stage.label())));
    }
    match actor.is_account() && submitted_by == actor.name() {
        true => Err(Error::Forbidden("自己提交的月报要由另一个人审核".into())),
        false => Ok(()),
    }
}

/// Refuses a decision on what has changed since it was seen.
pub fn check_seen(now: &Course, seen: Option<i64>) -> Result<()> {
    match seen {
        Some(seen) if seen != now.seq => Err(Error::Stale(format!(
            "月报在此期间已经变了，现在是{}（日志 {}）；这一次没有记入，请看过再定",
            now.state.label(),
            now.seq
        ))),
        _ => Ok(()),
    }
}
