//! 账户: who may act, as dated facts. Names and phones stand apart, in a table that can be erased.
//!
//! An account's value of an attribute at (D, K) is, among its facts recorded by K, effective by D
//! and not withdrawn, the one with the greatest (`effective_on`, `id`). 临时授权 adds a role within
//! its dates.

pub mod command;
pub mod store;

use std::collections::BTreeMap;

use crate::auth::{Actor, Role};
use crate::db::fact;
use crate::document::{check_text, turns_or_hides};
use crate::error::{Error, Result};
use crate::period::Day;

fact! {
    /// An account. Whose it is stands in the erasable table `person`.
    account Account { created_on: i32, }
}

fact! {
    /// One thing said of an account, true from `effective_on` until a later fact of the same attribute.
    account_fact AccountFact {
        account_id: i64,
        attribute: String,
        value: String,
        effective_on: i32,
        reason: String,
        document_id: Option<i64>,
    }
}

fact! {
    /// 临时授权: a role for the days of someone's leave. A withdrawal ends it early.
    delegation Delegation {
        account_id: i64,
        role: String,
        /// Codes joined by commas: what the role is for; empty for roles of no department.
        departments: String,
        from_on: i32,
        until_on: i32,
        reason: String,
    }
}

/// What can be said of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// 角色: words in order, joined by commas.
    Roles,
    /// 部门: codes in order, joined by commas.
    Departments,
    /// 责任单位 under a department.
    Unit,
    /// yes or no.
    Active,
}

impl Attribute {
    /// Every attribute with the word it is stored under and its name on screen.
    pub const ALL: [(Attribute, &'static str, &'static str); 4] = [
        (Attribute::Roles, "roles", "角色"),
        (Attribute::Departments, "departments", "部门"),
        (Attribute::Unit, "unit", "责任单位"),
        (Attribute::Active, "active", "是否启用"),
    ];

    /// The word it is stored under.
    pub fn word(self) -> &'static str {
        Attribute::ALL.iter().find(|(attribute, ..)| *attribute == self).map_or("", |(_, word, _)| word)
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        Attribute::ALL.iter().find(|(attribute, ..)| *attribute == self).map_or("", |(.., label)| label)
    }
}

/// What an account may do and for whom: what the office decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// In order, each once.
    pub roles: Vec<Role>,
    /// Codes in order, each once.
    pub departments: Vec<String>,
    /// 责任单位; may be empty.
    pub unit: String,
}

impl Rights {
    /// Rights in their one written form: sorted, each once.
    pub fn new(mut roles: Vec<Role>, mut departments: Vec<String>, unit: &str) -> Rights {
        roles.sort_by_key(|role| role.word());
        roles.dedup();
        departments.sort();
        departments.dedup();
        Rights { roles, departments, unit: unit.trim().to_owned() }
    }

    /// The values that the facts hold.
    pub fn values(&self) -> [(Attribute, String); 3] {
        [
            (Attribute::Roles, role_words(&self.roles)),
            (Attribute::Departments, self.departments.join(",")),
            (Attribute::Unit, self.unit.clone()),
        ]
    }
}

/// Roles as they are stored.
pub fn role_words(roles: &[Role]) -> String {
    roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(",")
}

/// Roles as people read them.
pub fn role_labels(roles: &[Role]) -> String {
    roles.iter().map(|role| role.label()).collect::<Vec<_>>().join("、")
}

/// How an account stands on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The account.
    pub id: i64,
    /// What is typed to sign in.
    pub login: String,
    /// The person's name; empty once erased.
    pub name: String,
    /// What it may do of its own.
    pub rights: Rights,
    /// What it may do for others on this day.
    pub delegations: Vec<Delegation>,
    /// Whether it can be used.
    pub is_active: bool,
    /// Moves on whenever rights change.
    pub epoch: i64,
}

impl Standing {
    /// Its own roles and those given for this day, each once.
    pub fn roles(&self) -> Vec<Role> {
        let given = self.delegations.iter().filter_map(|delegation| Role::parse(&delegation.role).ok());
        Rights::new(self.rights.roles.iter().copied().chain(given).collect(), Vec::new(), "").roles
    }

    /// Its own departments and those given for this day.
    pub fn departments(&self) -> Vec<String> {
        let given = self.delegations.iter().flat_map(|delegation| words(&delegation.departments));
        Rights::new(Vec::new(), self.rights.departments.iter().cloned().chain(given).collect(), "").departments
    }

    /// Who it is in commands. An account that is disabled can do nothing.
    pub fn actor(&self) -> Actor {
        match self.is_active {
            true => Actor::account(self.id, self.roles(), self.departments()),
            false => Actor::account(self.id, Vec::new(), Vec::new()),
        }
    }

    /// The same limited to one role, while it is held.
    pub fn actor_as(&self, role: Role) -> Option<Actor> {
        let held = self.is_active && self.roles().contains(&role);
        held.then(|| Actor::account(self.id, vec![role], self.departments()))
    }

    /// Its name, or its login where the name was erased.
    pub fn shown(&self) -> &str {
        if self.name.is_empty() { &self.login } else { &self.name }
    }
}

/// Codes or words joined by commas.
fn words(text: &str) -> Vec<String> {
    text.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What the facts in force say; `values` holds the winner of each attribute.
fn rights_of(values: &BTreeMap<String, String>) -> Result<(Rights, bool)> {
    let value = |attribute: Attribute| values.get(attribute.word()).map_or("", String::as_str);
    let roles = words(value(Attribute::Roles)).iter().map(|word| Role::parse(word)).collect::<Result<Vec<_>>>()?;
    let rights = Rights::new(roles, words(value(Attribute::Departments)), value(Attribute::Unit));
    Ok((rights, value(Attribute::Active) == "yes"))
}

/// The person behind an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// What is typed to sign in.
    pub login: String,
    /// Who it is.
    pub name: String,
    /// How to reach them; may be empty.
    pub phone: String,
}

/// Long enough for every name on an identity card with room for a title.
const MAX_NAME: usize = 40;
/// A short unit of a department: 朝阳区某某街道办事处 and the like.
const MAX_UNIT: usize = 60;
/// Why, in a line.
const MAX_REASON: usize = 200;
/// A leave covered for longer than a quarter is no leave: the account's own roles are to change.
pub const MAX_DELEGATION_DAYS: i64 = 92;

/// A login: 2–32 letters, digits, `-`, `_`, `.`; kept in small letters, so that none differ by case only.
pub fn parse_login(text: &str) -> Result<String> {
    let fits = (2..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    match fits {
        true => Ok(text.to_ascii_lowercase()),
        false => Err(Error::invalid(
            "login",
            shown(text),
            "登录名由 2–32 个英文字母、数字和 - _ . 组成，以字母或数字开头，如 zhang.san",
        )),
    }
}

/// The beginning of what was given, without what could disturb the message.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !turns_or_hides(*c)).take(40).collect()
}

/// What the person's fields must be.
pub fn check_person(person: &Person) -> Result<()> {
    check_text("name", &person.name, MAX_NAME)?;
    let dials = |c: char| c.is_ascii_digit() || "+- ()".contains(c);
    match person.phone.chars().count() <= 24 && person.phone.chars().all(dials) {
        true => Ok(()),
        false => Err(Error::invalid("phone", shown(&person.phone), "电话最多 24 位，只含数字和 + - ( )；可以不填")),
    }
}

/// What rights must be:
/// 1. at least one role;
/// 2. every department is one of the register's (`known`: code and name);
/// 3. owners' roles are for a department.
pub fn check_rights(rights: &Rights, known: &[(String, String)]) -> Result<()> {
    if rights.roles.is_empty() {
        let allowed = Role::HELD.map(|(_, word, label)| format!("{word}（{label}）")).join("、");
        return Err(Error::invalid("roles", "", format!("至少要有一种角色；可用 {allowed}")));
    }
    check_departments(&rights.departments, known)?;
    if rights.roles.iter().any(|role| role.is_owner()) && rights.departments.is_empty() {
        let message = format!("填报和部门审核要指明部门；可用 {}", list(known));
        return Err(Error::invalid("departments", "", message));
    }
    if !rights.unit.is_empty() {
        check_text("unit", &rights.unit, MAX_UNIT)?;
    }
    Ok(())
}

fn check_departments(departments: &[String], known: &[(String, String)]) -> Result<()> {
    match departments.iter().find(|code| !known.iter().any(|(known, _)| known == *code)) {
        Some(code) => Err(Error::invalid("departments", shown(code), format!("没有这个部门；可用 {}", list(known)))),
        None => Ok(()),
    }
}

fn list(known: &[(String, String)]) -> String {
    known.iter().map(|(code, name)| format!("{code}（{name}）")).collect::<Vec<_>>().join("、")
}

/// Why something is done, in a line.
pub fn check_reason(text: &str) -> Result<()> {
    check_text("reason", text, MAX_REASON)
}

/// 临时授权 begins today or later, ends no earlier than it begins, and lasts no longer than a quarter.
pub fn check_dates(from: Day, until: Day, today: Day) -> Result<()> {
    if from < today {
        return Err(Error::invalid("from_on", from.to_string(), format!("早于今天（{today}）；授权不能补在过去")));
    }
    if until < from {
        return Err(Error::invalid("until_on", until.to_string(), format!("早于开始日 {from}")));
    }
    let days = (until.to_naive() - from.to_naive()).num_days() + 1;
    match days <= MAX_DELEGATION_DAYS {
        true => Ok(()),
        false => Err(Error::invalid(
            "until_on",
            until.to_string(),
            format!("共 {days} 天；临时授权最多 {MAX_DELEGATION_DAYS} 天，更长请改角色"),
        )),
    }
}

/// Whether a change of roles needs a second person: granting `office`, which may grant everything
/// else. Taking a role away, or granting another, does not.
pub fn needs_second_person(before: &[Role], after: &[Role]) -> bool {
    after.contains(&Role::Office) && !before.contains(&Role::Office)
}

/// The register must not be left without an account that can look after accounts: of those that
/// hold `office` of their own and are active, one must remain.
///
/// `others` are all accounts but the one that changes.
pub fn check_office_remains(others: &[Standing]) -> Result<()> {
    let holds = |standing: &&Standing| standing.is_active && standing.rights.roles.contains(&Role::Office);
    match others.iter().any(|standing| holds(&standing)) {
        true => Ok(()),
        false => Err(Error::Conflict(
            "这是最后一个启用的办公室账户，不能停用、交接或去掉办公室角色；先给另一个人办公室角色".into(),
        )),
    }
}
