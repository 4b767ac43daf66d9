//! Accounts' tables.

use std::collections::{BTreeMap, HashMap};

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::{AccountFact, Delegation, Person, Standing, rights_of};
use crate::clock::Instant;
use crate::db::AnyConnection;
use crate::db::schema::{account, account_fact, api_token, delegation, department, person, session, withdrawal};
use crate::error::{Error, Result};
use crate::period::Day;

/// Every account as it stands on a day, by what was recorded up to `seq`, in order of id.
pub fn list_standings(conn: &mut AnyConnection, day: Day, seq: i64) -> Result<Vec<Standing>> {
    let ids: Vec<i64> =
        account::table.filter(account::seq.le(seq)).order(account::id).select(account::id).load(conn)?;
    standings(conn, &ids, day, seq)
}

/// One account as it stands on a day.
pub fn find_standing(conn: &mut AnyConnection, id: i64, day: Day, seq: i64) -> Result<Option<Standing>> {
    let known: Option<i64> = account::table
        .filter(account::id.eq(id).and(account::seq.le(seq)))
        .select(account::id)
        .first(conn)
        .optional()?;
    Ok(match known {
        Some(id) => standings(conn, &[id], day, seq)?.pop(),
        None => None,
    })
}

/// One account, or what to do.
pub fn get_standing(conn: &mut AnyConnection, id: i64, day: Day) -> Result<Standing> {
    find_standing(conn, id, day, i64::MAX)?
        .ok_or_else(|| Error::not_found("账户", &id.to_string(), "可在账户管理或 taizhang user list 里查看"))
}

fn standings(conn: &mut AnyConnection, ids: &[i64], day: Day, seq: i64) -> Result<Vec<Standing>> {
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(Vec::new()) };
    let mut people: HashMap<i64, (String, String, i64)> = person::table
        .filter(person::account_id.between(first, last))
        .select((person::account_id, person::login, person::name, person::epoch))
        .load::<(i64, String, String, i64)>(conn)?
        .into_iter()
        .map(|(id, login, name, epoch)| (id, (login, name, epoch)))
        .collect();
    let mut values: HashMap<i64, BTreeMap<String, String>> = HashMap::new();
    // The winner of an attribute comes last and overwrites.
    for fact in list_facts(conn, (*first, *last), day, seq)? {
        values.entry(fact.account_id).or_default().insert(fact.attribute, fact.value);
    }
    let mut given: HashMap<i64, Vec<Delegation>> = HashMap::new();
    for delegation in list_in_force(conn, (*first, *last), day, seq)? {
        given.entry(delegation.account_id).or_default().push(delegation);
    }
    ids.iter()
        .map(|id| {
            let (login, name, epoch) = people.remove(id).unwrap_or_default();
            let (rights, is_active) = rights_of(&values.remove(id).unwrap_or_default())?;
            let delegations = given.remove(id).unwrap_or_default();
            Ok(Standing { id: *id, login, name, rights, delegations, is_active, epoch })
        })
        .collect()
}

fn list_facts(conn: &mut AnyConnection, (first, last): (i64, i64), day: Day, seq: i64) -> Result<Vec<AccountFact>> {
    let withdrawn = withdrawal::table.filter(withdrawal::fact_id.eq(account_fact::id).and(withdrawal::seq.le(seq)));
    Ok(account_fact::table
        .filter(account_fact::account_id.between(first, last))
        .filter(account_fact::effective_on.le(day.raw()).and(account_fact::seq.le(seq)))
        .filter(not(exists(withdrawn)))
        .order((account_fact::account_id, account_fact::attribute, account_fact::effective_on, account_fact::id))
        .select(AccountFact::as_select())
        .load(conn)?)
}

fn list_in_force(conn: &mut AnyConnection, (first, last): (i64, i64), day: Day, seq: i64) -> Result<Vec<Delegation>> {
    let withdrawn = withdrawal::table.filter(withdrawal::fact_id.eq(delegation::id).and(withdrawal::seq.le(seq)));
    Ok(delegation::table
        .filter(delegation::account_id.between(first, last))
        .filter(delegation::from_on.le(day.raw()).and(delegation::until_on.ge(day.raw())))
        .filter(delegation::seq.le(seq))
        .filter(not(exists(withdrawn)))
        .order(delegation::id)
        .select(Delegation::as_select())
        .load(conn)?)
}

/// Delegations that are not over by a day nor ended, in order.
pub fn list_delegations(conn: &mut AnyConnection, day: Day) -> Result<Vec<Delegation>> {
    let withdrawn = withdrawal::table.filter(withdrawal::fact_id.eq(delegation::id));
    Ok(delegation::table
        .filter(delegation::until_on.ge(day.raw()))
        .filter(not(exists(withdrawn)))
        .order(delegation::id)
        .select(Delegation::as_select())
        .load(conn)?)
}

/// The delegation of an id, and whether it was ended.
pub fn find_delegation(conn: &mut AnyConnection, id: i64) -> Result<Option<(Delegation, bool)>> {
    let found: Option<Delegation> =
        delegation::table.filter(delegation::id.eq(id)).select(Delegation::as_select()).first(conn).optional()?;
    let Some(found) = found else { return Ok(None) };
    let is_ended =
        diesel::select(exists(withdrawal::table.filter(withdrawal::fact_id.eq(id)))).get_result::<bool>(conn)?;
    Ok(Some((found, is_ended)))
}

/// Everything ever said of an account, oldest first.
pub fn list_history(conn: &mut AnyConnection, account_id: i64) -> Result<Vec<AccountFact>> {
    Ok(account_fact::table
        .filter(account_fact::account_id.eq(account_id))
        .order(account_fact::id)
        .select(AccountFact::as_select())
        .load(conn)?)
}

/// How many accounts there are, active or not.
pub fn count(conn: &mut AnyConnection) -> Result<i64> {
    Ok(account::table.count().get_result(conn)?)
}

/// The account of a login.
pub fn find_by_login(conn: &mut AnyConnection, login: &str) -> Result<Option<i64>> {
    Ok(person::table.filter(person::login.eq(login)).select(person::account_id).first(conn).optional()?)
}

/// The person behind an account; empty fields once erased.
pub fn find_person(conn: &mut AnyConnection, account_id: i64) -> Result<Option<Person>> {
    let row: Option<(String, String, String)> = person::table
        .filter(person::account_id.eq(account_id))
        .select((person::login, person::name, person::phone))
        .first(conn)
        .optional()?;
    Ok(row.map(|(login, name, phone)| Person { login, name, phone }))
}

/// Who an actor of the journal is, for pages: login and name by account.
pub fn list_names(conn: &mut AnyConnection) -> Result<HashMap<i64, String>> {
    let rows: Vec<(i64, String, String)> =
        person::table.select((person::account_id, person::login, person::name)).load(conn)?;
    Ok(rows.into_iter().map(|(id, login, name)| (id, if name.is_empty() { login } else { name })).collect())
}

/// The departments of the register: code and name.
pub fn list_departments(conn: &mut AnyConnection) -> Result<Vec<(String, String)>> {
    Ok(department::table.order(department::id).select((department::code, department::name)).load(conn)?)
}

/// Puts down who an account is.
pub(super) fn insert_person(conn: &mut AnyConnection, account_id: i64, new: &Person) -> Result<()> {
    diesel::insert_into(person::table)
        .values((
            person::account_id.eq(account_id),
            person::login.eq(&new.login),
            person::name.eq(&new.name),
            person::phone.eq(&new.phone),
            person::epoch.eq(1_i64),
        ))
        .execute(conn)?;
    Ok(())
}

/// Changes who an account is.
pub(super) fn update_person(conn: &mut AnyConnection, account_id: i64, new: &Person) -> Result<()> {
    diesel::update(person::table.filter(person::account_id.eq(account_id)))
        .set((person::login.eq(&new.login), person::name.eq(&new.name), person::phone.eq(&new.phone)))
        .execute(conn)?;
    Ok(())
}

/// Rights changed: sessions of before must be given another token.
pub(super) fn move_epoch(conn: &mut AnyConnection, account_id: i64) -> Result<()> {
    diesel::update(person::table.filter(person::account_id.eq(account_id)))
        .set(person::epoch.eq(person::epoch + 1))
        .execute(conn)?;
    Ok(())
}

/// Ends every session and token of an account, in the transaction of what ends them: nobody acts
/// between the fact and its effect. (These tables are `signin`'s.)
pub(super) fn end_access(conn: &mut AnyConnection, account_id: i64, now: Instant) -> Result<()> {
    diesel::delete(session::table.filter(session::account_id.eq(account_id))).execute(conn)?;
    diesel::update(api_token::table.filter(api_token::account_id.eq(account_id)))
        .filter(api_token::revoked_at_us.is_null())
        .set(api_token::revoked_at_us.eq(now.micros()))
        .execute(conn)?;
    Ok(())
}
