//! 设置: what the office may set about the register itself. A setting is a dated fact in the
//! journal, not an environment variable: an answer given in the past can be explained by the
//! settings of its day.

pub mod command;
pub mod lights;
pub mod rules;
pub mod store;

use std::collections::HashMap;

use crate::db::{AnyConnection, fact};
use crate::error::{Error, Result};
use crate::period::Day;

fact! {
    /// A setting's value from a day on.
    setting Setting {
        name: String,
        value: String,
        effective_on: i32,
        reason: String,
    }
}

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// One of these words, with their names on screen.
    Words(&'static [(&'static str, &'static str)]),
    /// A whole number from … to …, in these units; or `off` where that is allowed.
    Number {
        /// The least.
        from: i64,
        /// The most.
        to: i64,
        /// 天, 分钟.
        unit: &'static str,
        /// Whether `off` turns it off.
        may_be_off: bool,
    },
    /// Codes between 、, or `off` for none.
    Codes,
}

/// A setting this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The word it is stored under.
    pub name: &'static str,
    /// Its name on screen.
    pub label: &'static str,
    /// What holds until it is set.
    pub default: &'static str,
    /// What it may be.
    pub allowed: Allowed,
    /// Why it exists and why the default is what it is.
    pub why: &'static str,
}

/// How long a password lasts.
pub const PASSWORD_MAX_AGE_DAYS: &str = "password_max_age_days";
/// Whether the public sees systems that are only inferred.
pub const PUBLIC_CATEGORIES: &str = "public_categories";
/// Whether the public sees departments that are only inferred.
pub const PUBLIC_DEPARTMENTS: &str = "public_departments";
/// Whether projects in 前期 report each month or each quarter.
pub const PREPARATION_REPORTS: &str = "preparation_reports";
/// How long a request waits for its second person.
pub const SECOND_PERSON_DAYS: &str = "second_person_days";
/// How long a session may be unused.
pub const SESSION_IDLE_MINUTES: &str = "session_idle_minutes";
/// How long a session may last in all.
pub const SESSION_HOURS: &str = "session_hours";

const SHOWN: [(&str, &str); 3] = [("auto", "公开网址设好后隐藏"), ("show", "显示，带标注"), ("hide", "隐藏")];

/// Every setting.
pub const KNOWN: [Known; COUNT] = all();

const COUNT: usize = OWN.len() + rules::ALL.len() + lights::ALL.len();

const fn all() -> [Known; COUNT] {
    let mut all = [OWN[0]; COUNT];
    let rules_end = OWN.len() + rules::ALL.len();
    let mut at = 0;
    while at < COUNT {
        all[at] = if at < OWN.len() {
            OWN[at]
        } else if at < rules_end {
            rules::ALL[at - OWN.len()]
        } else {
            lights::ALL[at - rules_end]
        };
        at += 1;
    }
    all
}

const OWN: [Known; 7] = [
    Known {
        name: PASSWORD_MAX_AGE_DAYS,
        label: "密码最长使用天数",
        default: "off",
        allowed: Allowed::Number { from: 30, to: 3_650, unit: "天", may_be_off: true },
        why: "默认不要求定期换密码：定期更换使人用有规律的弱密码；单位制度要求时再开",
    },
    Known {
        name: PREPARATION_REPORTS,
        label: "前期项目的报送周期",
        default: "monthly",
        allowed: Allowed::Words(&[("monthly", "按月"), ("quarterly", "按季，3、6、9、12 月报")]),
        why: "文件要求每月 25 日前报；前期项目一个月内常无变化，办公室可以改为按季",
    },
    Known {
        name: PUBLIC_CATEGORIES,
        label: "公众看到推定的体系",
        default: "show",
        allowed: Allowed::Words(&SHOWN),
        why: "默认显示并标“推定·待确认”：不分体系，公众就看不到结构",
    },
    Known {
        name: PUBLIC_DEPARTMENTS,
        label: "公众看到推定的责任部门",
        default: "auto",
        allowed: Allowed::Words(&SHOWN),
        why: "推定的责任部门可能说错了单位；设了公开网址后默认写“责任部门待确认”",
    },
    Known {
        name: SECOND_PERSON_DAYS,
        label: "双人复核的申请有效天数",
        default: "14",
        allowed: Allowed::Number { from: 1, to: 90, unit: "天", may_be_off: false },
        why: "两周足够另一人看到；更久的申请，当时看到的数已经变了",
    },
    Known {
        name: SESSION_IDLE_MINUTES,
        label: "登录后不用多久自动退出",
        default: "120",
        allowed: Allowed::Number { from: 10, to: 480, unit: "分钟", may_be_off: false },
        why: "默认两小时：午饭前填的表，饭后还能交；离开的座位，下一个人用不了。短于十分钟填不完一张表，长于八小时等于不退出",
    },
    Known {
        name: SESSION_HOURS,
        label: "一次登录最长多久",
        default: "12",
        allowed: Allowed::Number { from: 1, to: 24, unit: "小时", may_be_off: false },
        why: "默认十二小时：一个工作日登录一次。再忙也不超过一天，被人拿去的登录第二天就没有用",
    },
];

/// What people type and read where a number is `off`.
const UNLIMITED: &str = "不限";

/// The setting of a name.
pub fn known(name: &str) -> Result<&'static Known> {
    let names = || KNOWN.map(|known| format!("{}（{}）", known.name, known.label)).join("、");
    KNOWN
        .iter()
        .find(|known| known.name == name)
        .ok_or_else(|| Error::invalid("name", name, format!("没有这项设置；可用 {}", names())))
}

impl Known {
    /// Checks a value.
    pub fn check(&self, value: &str) -> Result<()> {
        let refuse = || Err(Error::invalid(self.name, value, format!("可用 {}", self.allowed_words())));
        match self.allowed {
            Allowed::Words(words) if words.iter().any(|(word, _)| *word == value) => Ok(()),
            Allowed::Number { may_be_off: true, .. } if value == "off" => Ok(()),
            Allowed::Number { from, to, .. } => match whole(value) {
                Some(number) if (from..=to).contains(&number) => Ok(()),
                _ => refuse(),
            },
            Allowed::Codes if value == "off" || value.split('、').all(is_code) => Ok(()),
            Allowed::Words(_) | Allowed::Codes => refuse(),
        }
    }

    /// What it may be, in words.
    pub fn allowed_words(&self) -> String {
        match self.allowed {
            Allowed::Words(words) => {
                words.iter().map(|(word, label)| format!("{word}（{label}）")).collect::<Vec<_>>().join("、")
            }
            Allowed::Number { from, to, unit, may_be_off } => {
                let off = if may_be_off { format!("，或 {UNLIMITED}") } else { String::new() };
                format!("{from} 至 {to} 的整数（{unit}）{off}")
            }
            Allowed::Codes => "资金来源的代码，用、隔开，如 D1、D2；没有则写 off".into(),
        }
    }

    /// What people type, as it is kept: 不限 is `off`.
    pub fn read<'t>(&self, typed: &'t str) -> &'t str {
        match self.allowed {
            Allowed::Number { may_be_off: true, .. } if typed == UNLIMITED => "off",
            _ => typed,
        }
    }

    /// The other way: what a field that people type in holds.
    pub fn typed<'v>(&self, value: &'v str) -> &'v str {
        match self.allowed {
            Allowed::Number { may_be_off: true, .. } if value == "off" => UNLIMITED,
            _ => value,
        }
    }

    /// A value as people read it.
    pub fn shown(&self, value: &str) -> String {
        match self.allowed {
            Allowed::Words(words) => {
                words.iter().find(|(word, _)| *word == value).map_or(value, |(_, label)| label).to_owned()
            }
            Allowed::Number { .. } if value == "off" => UNLIMITED.into(),
            Allowed::Codes if value == "off" => "没有".into(),
            Allowed::Codes => value.to_owned(),
            Allowed::Number { unit, .. } => format!("{value} {unit}"),
        }
    }
}

fn is_code(text: &str) -> bool {
    !text.is_empty() && text.len() <= 16 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Digits only: what is stored is read back as it was typed.
fn whole(value: &str) -> Option<i64> {
    let plain = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) && !value.starts_with('0');
    if plain { value.parse().ok() } else { None }
}

/// The value of a setting on a day, as known at journal row `seq`.
///
/// # Errors
/// Refuses a name that is not in [`KNOWN`].
pub fn get(conn: &mut AnyConnection, name: &str, as_of: Day, seq: i64) -> Result<String> {
    let known = known(name)?;
    Ok(store::find(conn, name, as_of, seq)?.map_or_else(|| known.default.to_owned(), |setting| setting.value))
}

/// The values of all settings that were ever set, on a day, as known at journal row `seq`; the others are as they
/// are by default.
pub fn all_set(conn: &mut AnyConnection, as_of: Day, seq: i64) -> Result<HashMap<String, String>> {
    let mut rows = store::list(conn, seq)?;
    rows.retain(|row| row.effective_on <= as_of.raw());
    rows.sort_by_key(|row| (row.effective_on, row.id));
    Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
}

/// The same as a number; none when it is off.
pub fn number(conn: &mut AnyConnection, name: &str, as_of: Day, seq: i64) -> Result<Option<i64>> {
    Ok(whole(&get(conn, name, as_of, seq)?))
}

/// Whether the public sees what is only inferred ([`PUBLIC_CATEGORIES`], [`PUBLIC_DEPARTMENTS`]).
pub fn public_sees(conn: &mut AnyConnection, name: &str, as_of: Day, seq: i64, has_address: bool) -> Result<bool> {
    Ok(match get(conn, name, as_of, seq)?.as_str() {
        "show" => true,
        "hide" => false,
        _ => !has_address,
    })
}
