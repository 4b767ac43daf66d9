//! 红黄绿灯: what a project's light is in a month, by which published rule, from which inputs, and when it
//! would change if nothing happens.
//!
//! The rules are pure functions of [`Inputs`] and [`Params`] ([`judge()`]); nothing is rounded before it is
//! compared. A light is never stored: asked for a past day, it is computed again by the rules of that day.

pub mod change;
pub mod command;
pub mod consistency;
pub mod gap;
pub mod input;
pub mod judge;
pub mod read;
pub mod rule;
pub mod store;
pub mod words;

use crate::db::fact;
use crate::error::{Error, Result};
use crate::period::{Day, Month};

pub use input::{Exempt, Inputs, Moved, Node, Planned, Report, Stage};
pub use judge::{Found, Verdict, Whole, Why, judge};
pub use rule::{Params, Profile};

fact! {
    /// 年度计划首末月 and the optional curve: between which months of a fiscal year the plan runs.
    plan_months PlanMonths {
        project_id: i64,
        year: i32,
        /// yyyymm, in that year.
        first_month: i32,
        /// yyyymm, in that year.
        last_month: i32,
        /// Of the year's plan, by the end of each month from first to last: ten-thousandths, separated by
        /// commas, the last 10000; empty: straight.
        curve: String,
        effective_on: i32,
        document_id: i64,
        reason: String,
    }
}

fact! {
    /// 豁免: a start that is late with leave. A later one of the same project replaces it.
    exemption Exemption {
        project_id: i64,
        effective_on: i32,
        /// The last day it holds.
        expires_on: i32,
        /// 批准人.
        approver: String,
        reason: String,
        document_id: i64,
    }
}

fact! {
    /// What a person says of a month's light beside what is computed: the office's 人工认定, the owner's and the
    /// supervisor's own judgement. A later one of the same kind replaces it.
    light_judgement LightJudgement {
        project_id: i64,
        /// yyyymm: it holds for this report month only.
        month: i32,
        /// `office`, `owner`, `supervisor`.
        kind: String,
        /// `red`, `yellow`, `green`, `grey`; empty: taken back.
        light: String,
        reason: String,
        /// The evidence; the office's always has one.
        document_id: Option<i64>,
        effective_on: i32,
        /// The last day it holds.
        expires_on: i32,
    }
}

/// A light, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Light {
    /// 红灯.
    Red,
    /// 黄灯.
    Yellow,
    /// 绿灯.
    Green,
    /// 灰: what it takes to judge is not there.
    Grey,
    /// 不适用: there is nothing to judge.
    None,
    /// 已完成.
    Done,
    /// 已暂停.
    Suspended,
    /// 已取消.
    Cancelled,
    /// 月报尚未启用: before 报送启用月 no light shines.
    Off,
}

impl Light {
    /// Every light, worst first: its word in addresses and files, its name on screen.
    pub const ALL: [(Light, &'static str, &'static str); 9] = [
        (Light::Red, "red", "红灯"),
        (Light::Yellow, "yellow", "黄灯"),
        (Light::Green, "green", "绿灯"),
        (Light::Grey, "grey", "灰灯"),
        (Light::None, "none", "不适用"),
        (Light::Done, "done", "已完成"),
        (Light::Suspended, "suspended", "已暂停"),
        (Light::Cancelled, "cancelled", "已取消"),
        (Light::Off, "off", "月报尚未启用"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        Light::ALL.iter().find(|(light, ..)| *light == self).map_or("", |(_, word, _)| word)
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        Light::ALL.iter().find(|(light, ..)| *light == self).map_or("", |(.., label)| label)
    }

    /// The light of a word.
    pub fn parse(word: &str) -> Result<Light> {
        let allowed = || Light::ALL.map(|(_, word, label)| format!("{word}（{label}）")).join("、");
        Light::ALL
            .iter()
            .find(|(_, known, _)| *known == word)
            .map(|(light, ..)| *light)
            .ok_or_else(|| Error::invalid("light", word, format!("没有这种灯；可用 {}", allowed())))
    }

    /// Whether a person may say it of a project: the three colours, and that it cannot be judged.
    pub fn can_be_said(self) -> bool {
        matches!(self, Light::Red | Light::Yellow | Light::Green | Light::Grey)
    }
}

/// What is judged of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// 进度灯 S, rule R1.
    Progress,
    /// 开工灯 K, rule R2.
    Start,
    /// 竣工灯 E, rule R3.
    Finish,
    /// 支付灯 Y, rule R4.
    Payment,
}

impl Part {
    /// Every part: its word, its name on screen, its rule.
    pub const ALL: [(Part, &'static str, &'static str, &'static str); 4] = [
        (Part::Progress, "progress", "进度", "R1"),
        (Part::Start, "start", "开工", "R2"),
        (Part::Finish, "finish", "竣工", "R3"),
        (Part::Payment, "payment", "支付", "R4"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        Part::ALL.iter().find(|(part, ..)| *part == self).map_or("", |(_, word, ..)| word)
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        Part::ALL.iter().find(|(part, ..)| *part == self).map_or("", |(_, _, label, _)| label)
    }

    /// Its rule.
    pub fn rule(self) -> &'static str {
        Part::ALL.iter().find(|(part, ..)| *part == self).map_or("", |(.., rule)| rule)
    }
}

/// Who says something of a light beside what is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sayer {
    /// 办公室人工认定.
    Office,
    /// 填报单位自评.
    Owner,
    /// 部门审核评.
    Supervisor,
}

impl Sayer {
    /// Every one: the word stored, the name on screen.
    pub const ALL: [(Sayer, &'static str, &'static str); 3] = [
        (Sayer::Office, "office", "人工认定（办公室）"),
        (Sayer::Owner, "owner", "填报单位自评"),
        (Sayer::Supervisor, "supervisor", "主管部门评"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        Sayer::ALL.iter().find(|(sayer, ..)| *sayer == self).map_or("", |(_, word, _)| word)
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        Sayer::ALL.iter().find(|(sayer, ..)| *sayer == self).map_or("", |(.., label)| label)
    }

    /// The sayer of a word.
    pub fn parse(word: &str) -> Result<Sayer> {
        let allowed = || Sayer::ALL.map(|(_, word, label)| format!("{word}（{label}）")).join("、");
        Sayer::ALL
            .iter()
            .find(|(_, known, _)| *known == word)
            .map(|(sayer, ..)| *sayer)
            .ok_or_else(|| Error::invalid("kind", word, format!("没有这一种；可用 {}", allowed())))
    }
}

pub use crate::monthly::duty::DUE_DAY;

/// Which month is judged on a day: its own from the 26th on, else the one before.
pub fn judged_month(day: Day) -> Month {
    match day.raw() % 100 > DUE_DAY {
        true => day.month(),
        false => day.first_of_month().pred().month(),
    }
}

/// The last day of which anything counts for a month judged on a day.
pub fn cutoff(month: Month, day: Day) -> Day {
    day.min(month.last_day())
}

/// The first day on which a month is judged.
pub fn judged_from(month: Month) -> Day {
    let due = Day::from_raw(month.raw() * 100 + DUE_DAY);
    due.map_or_else(|_| month.last_day(), Day::succ)
}

/// The last day on which a month is judged.
pub fn judged_until(month: Month) -> Day {
    judged_from(month.succ()).pred()
}

/// Months since the year 0: for counting between two.
pub(crate) fn count_of(month: Month) -> i32 {
    month.raw() / 100 * 12 + month.raw() % 100 - 1
}

/// How many months `later` is after `earlier`; negative when before.
pub fn months_between(earlier: Month, later: Month) -> i32 {
    count_of(later) - count_of(earlier)
}
