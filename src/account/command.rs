//! What the office does with accounts. The journal holds ids, roles and departments; never a name,
//! a login or a phone.

use serde_json::{Map, Value, json};

use super::{
    Account, AccountFact, Attribute, Delegation, Person, Rights, Standing, check_dates, check_office_remains,
    check_person, check_reason, check_rights, needs_second_person, parse_login, role_words, store,
};
use crate::auth::{Action, Actor, Role, authorise};
use crate::db::{Head, Tx};
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::period::{Day, Precision};
use crate::project::command::{NewFact, Origin, add_fact, close};
use crate::project::{self, Attribute as Of, Status, Withdrawal};
use crate::subtotal::Posting;

/// An account to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Whose.
    pub person: Person,
    /// What it may do.
    pub rights: Rights,
    /// Why.
    pub reason: String,
}

/// What was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The account.
    pub id: i64,
    /// The journal's end.
    pub head: Head,
}

/// Opens an account.
///
/// # Errors
/// Refuses to grant `office`, which needs two persons, to all but the operator.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: NewAccount) -> Result<Created> {
    authorise(actor, Action::ManageAccounts)?;
    check_second_person(actor, &[], &new.rights.roles)?;
    let mut recording = Recording::begin(tx, actor, "account.create", "account")?;
    let id = open(&mut recording, &new)?;
    let mut told = told_rights(&new.rights);
    told.insert("account".into(), json!(id));
    told.insert("reason".into(), json!(new.reason));
    Ok(Created { id, head: recording.finish(told)? })
}

/// Opens an account within a command under way: what was approved by a second person comes here.
pub fn open(recording: &mut Recording<'_, '_>, new: &NewAccount) -> Result<i64> {
    check_reason(&new.reason)?;
    let person = Person { login: parse_login(&new.person.login)?, ..new.person.clone() };
    check_person(&person)?;
    check_known_rights(recording, &new.rights)?;
    if store::find_by_login(recording.tx().conn(), &person.login)?.is_some() {
        return Err(Error::Conflict(format!("登录名 {} 已有人用；换一个", person.login)));
    }
    let today = recording.today();
    let account = recording.add(|id, seq| Account { id, seq, created_on: today.raw() })?;
    let active = (Attribute::Active, "yes".to_owned());
    say(recording, account.id, new.rights.values().into_iter().chain([active]), &new.reason)?;
    store::insert_person(recording.tx().conn(), account.id, &person)?;
    Ok(account.id)
}

/// Changes what an account may do.
///
/// # Errors
/// Refuses to grant `office`, which needs two persons, to all but the operator; and to take it
/// from the last who holds it.
pub fn change(tx: &mut Tx<'_>, actor: &Actor, id: i64, rights: Rights, reason: &str) -> Result<Head> {
    authorise(actor, Action::ManageAccounts)?;
    let mut recording = Recording::begin(tx, actor, "account.change", subject(id))?;
    let before = get(&mut recording, id)?;
    check_second_person(actor, &before.rights.roles, &rights.roles)?;
    grant(&mut recording, &before, &rights, reason)?;
    let told = told([
        ("before", json!(told_rights(&before.rights))),
        ("after", json!(told_rights(&rights))),
        ("reason", json!(reason)),
    ]);
    recording.finish(told)
}

/// Gives an account other rights within a command under way: what was approved by a second person
/// comes here. The sessions go on, with another token each.
pub fn grant(recording: &mut Recording<'_, '_>, before: &Standing, rights: &Rights, reason: &str) -> Result<()> {
    check_reason(reason)?;
    check_known_rights(recording, rights)?;
    if before.rights == *rights {
        return Err(Error::Conflict("角色、部门和责任单位都与现在相同，没有要改的".into()));
    }
    if before.is_active && before.rights.roles.contains(&Role::Office) && !rights.roles.contains(&Role::Office) {
        check_office_remains(&others(recording, before.id)?)?;
    }
    let old = before.rights.values();
    let changed: Vec<_> = rights.values().into_iter().filter(|value| !old.contains(value)).collect();
    say(recording, before.id, changed, reason)?;
    store::move_epoch(recording.tx().conn(), before.id)
}

/// 停用: the account can no longer be used; its sessions and tokens end now.
pub fn disable(tx: &mut Tx<'_>, actor: &Actor, id: i64, reason: &str) -> Result<Head> {
    authorise(actor, Action::ManageAccounts)?;
    let mut recording = Recording::begin(tx, actor, "account.disable", subject(id))?;
    let before = get(&mut recording, id)?;
    check_reason(reason)?;
    if !before.is_active {
        return Err(Error::Conflict("账户已经停用".into()));
    }
    put_out(&mut recording, &before, reason)?;
    recording.finish(told([("reason", json!(reason))]))
}

/// 启用: the account can be used again, with the rights it had.
///
/// # Errors
/// As with granting, an account that holds `office` needs two persons.
pub fn enable(tx: &mut Tx<'_>, actor: &Actor, id: i64, reason: &str) -> Result<Head> {
    authorise(actor, Action::ManageAccounts)?;
    let mut recording = Recording::begin(tx, actor, "account.enable", subject(id))?;
    let before = get(&mut recording, id)?;
    check_second_person(actor, &[], &before.rights.roles)?;
    check_reason(reason)?;
    if before.is_active {
        return Err(Error::Conflict("账户本来就是启用的".into()));
    }
    say(&mut recording, id, [(Attribute::Active, "yes".to_owned())], reason)?;
    store::move_epoch(recording.tx().conn(), id)?;
    recording.finish(told([("reason", json!(reason))]))
}

/// A role for the days of someone's leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelegation {
    /// To whom.
    pub account_id: i64,
    /// Which role.
    pub role: Role,
    /// For which departments, when the role is an owner's.
    pub departments: Vec<String>,
    /// First day.
    pub from: Day,
    /// Last day.
    pub until: Day,
    /// Why.
    pub reason: String,
}

/// 临时授权.
///
/// # Errors
/// Refuses to delegate `office`, which needs two persons, to all but the operator.
pub fn delegate(tx: &mut Tx<'_>, actor: &Actor, new: NewDelegation) -> Result<Head> {
    authorise(actor, Action::ManageAccounts)?;
    let mut recording = Recording::begin(tx, actor, "account.delegate", subject(new.account_id))?;
    let standing = get(&mut recording, new.account_id)?;
    check_second_person(actor, &standing.rights.roles, &[new.role])?;
    check_reason(&new.reason)?;
    check_dates(new.from, new.until, recording.today())?;
    if !standing.is_active {
        return Err(Error::Conflict("账户已停用，不能授权；先启用".into()));
    }
    let rights = Rights::new(vec![new.role], new.departments, "");
    check_known_rights(&mut recording, &rights)?;
    let departments = rights.departments.join(",");
    let delegation = recording.add(|id, seq| Delegation {
        id,
        seq,
        account_id: new.account_id,
        role: new.role.word().into(),
        departments: departments.clone(),
        from_on: new.from.raw(),
        until_on: new.until.raw(),
        reason: new.reason.clone(),
    })?;
    store::move_epoch(recording.tx().conn(), new.account_id)?;
    recording.finish(told([
        ("delegation", json!(delegation.id)),
        ("role", json!(new.role.word())),
        ("departments", json!(departments)),
        ("from", json!(new.from.to_string())),
        ("until", json!(new.until.to_string())),
        ("reason", json!(new.reason)),
    ]))
}

/// Ends a delegation before its last day.
pub fn end_delegation(tx: &mut Tx<'_>, actor: &Actor, delegation_id: i64, reason: &str) -> Result<Head> {
    authorise(actor, Action::ManageAccounts)?;
    let mut recording = Recording::begin(tx, actor, "account.end_delegation", format!("delegation:{delegation_id}"))?;
    check_reason(reason)?;
    let found = store::find_delegation(recording.tx().conn(), delegation_id)?;
    let Some((delegation, is_ended)) = found else {
        return Err(Error::not_found("临时授权", &delegation_id.to_string(), "可在账户管理里查看"));
    };
    if is_ended || delegation.until_on < recording.today().raw() {
        return Err(Error::Conflict("这项临时授权已经结束".into()));
    }
    recording.add(|id, seq| Withdrawal {
        id,
        seq,
        fact_id: delegation_id,
        reason: reason.to_owned(),
        document_id: None,
    })?;
    store::move_epoch(recording.tx().conn(), delegation.account_id)?;
    recording.finish(told([("account", json!(delegation.account_id)), ("reason", json!(reason))]))
}

/// 交接: the departments and owners' roles of one who leaves go to another, in one action. The
/// one who leaves is disabled, and every session and token of theirs ends. Drafts, to-dos and
/// responsibilities belong to department × project: whoever has the department has them. Where the one who leaves
/// is named as 责任人, the other is from today.
pub fn hand_over(tx: &mut Tx<'_>, actor: &Actor, from: i64, to: i64, reason: &str) -> Result<Head> {
    authorise(actor, Action::ManageAccounts)?;
    let mut recording = Recording::begin(tx, actor, "account.hand_over", subject(from))?;
    check_reason(reason)?;
    if from == to {
        return Err(Error::invalid("to", to.to_string(), "不能交接给自己；选接手的人"));
    }
    let (leaver, heir) = (get(&mut recording, from)?, get(&mut recording, to)?);
    if !leaver.is_active || !heir.is_active {
        return Err(Error::Conflict("交接的双方都要是启用的账户".into()));
    }
    // What belongs to departments moves; an office's or finance's role is granted, not inherited.
    let moved =
        leaver.rights.roles.iter().copied().filter(|role| role.is_owner() && !leaver.rights.departments.is_empty());
    let after = Rights::new(
        heir.rights.roles.iter().copied().chain(moved).collect(),
        [heir.rights.departments.clone(), leaver.rights.departments.clone()].concat(),
        &heir.rights.unit,
    );
    if after != heir.rights {
        grant(&mut recording, &heir, &after, reason)?;
    }
    put_out(&mut recording, &leaver, reason)?;
    let mut posting = Posting::default();
    let projects = take_over(&mut recording, &mut posting, from, to)?;
    let told = told([
        ("to", json!(to)),
        ("project", json!(projects)),
        ("departments", json!(leaver.rights.departments)),
        ("before", json!(told_rights(&heir.rights))),
        ("after", json!(told_rights(&after))),
        ("reason", json!(reason)),
    ]);
    close(recording, &posting, told)
}

/// The projects that the one who leaves answers for (责任人) are the other's from today; their codes.
fn take_over(recording: &mut Recording<'_, '_>, posting: &mut Posting, from: i64, to: i64) -> Result<Vec<String>> {
    let (today, seq) = (recording.today(), recording.seq());
    let (before, after) = (format!("account:{from}"), format!("account:{to}"));
    let ids = project::store::list_ever(recording.tx().conn(), Of::ResponsiblePerson, &before)?;
    let states = project::store::list_states_of(recording.tx().conn(), today, seq, &ids)?;
    let mut codes = Vec::new();
    for state in states.into_iter().filter(|state| state.value(Of::ResponsiblePerson) == before) {
        let fact = NewFact {
            attribute: Of::ResponsiblePerson,
            value: after.clone(),
            status: Status::Confirmed,
            basis: "交接".into(),
            confidence: String::new(),
            origin: Origin { document_id: None, line_id: None },
        };
        add_fact(recording, posting, &state.project, fact, (today, Precision::Day))?;
        codes.push(state.project.code);
    }
    Ok(codes)
}

/// Changes a name or a phone: operational, so the journal says that it changed, not to what.
pub fn rename(tx: &mut Tx<'_>, actor: &Actor, id: i64, name: &str, phone: &str) -> Result<Head> {
    authorise(actor, Action::ManageAccounts)?;
    let mut recording = Recording::begin(tx, actor, "account.rename", subject(id))?;
    let before = get(&mut recording, id)?;
    let person = Person { login: before.login, name: name.trim().to_owned(), phone: phone.trim().to_owned() };
    check_person(&person)?;
    store::update_person(recording.tx().conn(), id, &person)?;
    recording.finish(Map::new())
}

/// Notes that somebody else made a new one-time password for an account: how one signs in is kept
/// outside the journal, that another could sign in for one is not.
pub fn note_reset(tx: &mut Tx<'_>, actor: &Actor, id: i64, without_second_factor: bool) -> Result<Head> {
    authorise(actor, Action::ManageAccounts)?;
    let mut recording = Recording::begin(tx, actor, "account.reset_password", subject(id))?;
    get(&mut recording, id)?;
    let second = if without_second_factor { "一并停用" } else { "不变" };
    recording.finish(told([("second_factor", json!(second))]))
}

/// Erases who a disabled account was: name, phone and login. Everything it did stays, under its number.
pub fn erase(tx: &mut Tx<'_>, actor: &Actor, id: i64, reason: &str) -> Result<Head> {
    authorise(actor, Action::ManageAccounts)?;
    let mut recording = Recording::begin(tx, actor, "account.erase", subject(id))?;
    let before = get(&mut recording, id)?;
    check_reason(reason)?;
    if before.is_active {
        return Err(Error::Conflict("账户还在启用；先停用或交接，再抹去姓名和电话".into()));
    }
    // No login can be typed that has a space: nobody can take this one.
    let person = Person { login: format!("账户 {id}"), name: String::new(), phone: String::new() };
    store::update_person(recording.tx().conn(), id, &person)?;
    recording.finish(told([("reason", json!(reason))]))
}

/// Without a second person only the operator, who owns the machine, grants what needs two.
fn check_second_person(actor: &Actor, before: &[Role], after: &[Role]) -> Result<()> {
    match needs_second_person(before, after) && !actor.roles().contains(&Role::Operator) {
        true => Err(Error::Forbidden("授予办公室角色要两个人：请提交申请，由另一个人同意".into())),
        false => Ok(()),
    }
}

fn put_out(recording: &mut Recording<'_, '_>, before: &Standing, reason: &str) -> Result<()> {
    if before.rights.roles.contains(&Role::Office) {
        check_office_remains(&others(recording, before.id)?)?;
    }
    say(recording, before.id, [(Attribute::Active, "no".to_owned())], reason)?;
    let now = recording.at();
    let conn = recording.tx().conn();
    store::move_epoch(conn, before.id)?;
    store::end_access(conn, before.id, now)
}

fn say(
    recording: &mut Recording<'_, '_>,
    account_id: i64,
    values: impl IntoIterator<Item = (Attribute, String)>,
    reason: &str,
) -> Result<()> {
    let today = recording.today();
    recording.add_all(values, |id, seq, (attribute, value)| AccountFact {
        id,
        seq,
        account_id,
        attribute: attribute.word().into(),
        value,
        effective_on: today.raw(),
        reason: reason.to_owned(),
        document_id: None,
    })?;
    Ok(())
}

fn check_known_rights(recording: &mut Recording<'_, '_>, rights: &Rights) -> Result<()> {
    let known = store::list_departments(recording.tx().conn())?;
    check_rights(rights, &known)
}

fn get(recording: &mut Recording<'_, '_>, id: i64) -> Result<Standing> {
    let today = recording.today();
    store::get_standing(recording.tx().conn(), id, today)
}

fn others(recording: &mut Recording<'_, '_>, id: i64) -> Result<Vec<Standing>> {
    let today = recording.today();
    let all = store::list_standings(recording.tx().conn(), today, i64::MAX)?;
    Ok(all.into_iter().filter(|standing| standing.id != id).collect())
}

fn subject(id: i64) -> String {
    format!("account:{id}")
}

fn told_rights(rights: &Rights) -> Map<String, Value> {
    told([
        ("roles", json!(role_words(&rights.roles))),
        ("departments", json!(rights.departments.join(","))),
        ("unit", json!(rights.unit)),
    ])
}

fn told<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
