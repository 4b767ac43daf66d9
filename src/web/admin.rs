//! `/admin`: the office looks after accounts, and reads the security log.

use super::account::shown;
use super::answer::Body;
use super::post::{Done, Submitted};
use super::query::Allowed;
use super::sign_in::once;
use super::state::State;
use crate::account::command::{self, NewAccount, NewDelegation};
use crate::account::store;
use crate::auth::{Actor, Role};
use crate::db::{AnyConnection, Head, Tx};
use crate::error::{Error, Result};
use crate::period::Day;
use crate::report::accounts::{self as report, Deed};
use crate::report::asked::Asked;
use crate::report::form::Filled;
use crate::report::own_account::shown_once;
use crate::report::sign_in::page;
use crate::signin;

/// The security log, page by page.
pub(super) const LOG: Allowed = Allowed { many: &[], one: &["before"] };

/// The form of a new account.
pub(super) fn new_form(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let form = report::new_form(conn, asked, filled)?;
    once(state, "form.html", &page(asked, "建立账户", Vec::new(), form))
}

/// `/admin/accounts/{account}`.
pub(super) fn one(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    once(state, "sections.html", &report::one(conn, asked, number(asked.part("account"))?)?)
}

fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Error::not_found("账户", text, "从账户列表里打开"))
}

/// Opens an account and shows its one-time password.
pub(super) fn create(state: &State, submitted: &Submitted) -> Result<Done> {
    let new = NewAccount {
        person: report::read_person(|name| submitted.field(name).to_owned()),
        rights: report::read_rights(&submitted.pairs)?,
        reason: submitted.field("reason").trim().to_owned(),
    };
    let login = new.person.login.clone();
    let issued = signin::create_account(&state.db, submitted.actor(), new, &submitted.address.to_string());
    state.forget_head();
    show_password(state, submitted, &login, issued?)
}

fn show_password(state: &State, submitted: &Submitted, login: &str, issued: signin::Issued) -> Result<Done> {
    let back = format!("/admin/accounts/{}", issued.account);
    shown(state, submitted, "sections.html", |_, asked| {
        let what = format!("{login} 的一次性口令，当面或电话交给本人");
        Ok(shown_once(asked, "一次性口令", &what, vec![issued.password], &back))
    })
}

/// What was to be done to an account, again.
pub(super) fn again(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let deed = Deed::parse(asked.part("deed"))?;
    let standing = store::get_standing(conn, number(asked.part("account"))?, asked.today())?;
    let form = report::form(conn, asked, &standing, deed, filled)?;
    once(state, "form.html", &page(asked, &format!("账户 {}", standing.login), Vec::new(), form))
}

/// Does one thing to one account.
pub(super) fn act(state: &State, submitted: &Submitted) -> Result<Done> {
    let (id, deed) = (number(submitted.part("account"))?, Deed::parse(submitted.part("deed"))?);
    let field = |name: &str| submitted.field(name).trim().to_owned();
    let whole = |name: &str| {
        let text = field(name);
        text.parse::<i64>().map_err(|_| Error::invalid(name, &text, "要选一项"))
    };
    let day = |name: &str| Day::parse(&field(name)).map_err(|error| error.of(name));
    let reason = field("reason");
    let run = |command: Box<dyn FnOnce(&mut Tx<'_>, &Actor) -> Result<Head> + Send>| {
        let to = submitted.write(state, move |tx, actor| {
            let head = command(tx, actor)?;
            Ok(format!("/admin/accounts/{id}?done={}", head.seq))
        })?;
        Ok(Done::Go(to))
    };
    let (db, by, from) = (&state.db, submitted.actor(), submitted.address.to_string());
    match deed {
        Deed::Change => {
            let rights = report::read_rights(&submitted.pairs)?;
            run(Box::new(move |tx, actor| command::change(tx, actor, id, rights, &reason)))
        }
        Deed::Disable => run(Box::new(move |tx, actor| command::disable(tx, actor, id, &reason))),
        Deed::Enable => run(Box::new(move |tx, actor| command::enable(tx, actor, id, &reason))),
        Deed::Delegate => {
            let departments = Some(field("department")).filter(|code| !code.is_empty()).into_iter().collect();
            let role = Role::parse(&field("role"))?;
            let (from, until) = (day("from")?, day("until")?);
            let new = NewDelegation { account_id: id, role, departments, from, until, reason };
            run(Box::new(move |tx, actor| command::delegate(tx, actor, new)))
        }
        Deed::EndDelegation => {
            let delegation = whole("delegation")?;
            run(Box::new(move |tx, actor| command::end_delegation(tx, actor, delegation, &reason)))
        }
        Deed::HandOver => {
            let to = whole("to")?;
            run(Box::new(move |tx, actor| command::hand_over(tx, actor, id, to, &reason)))
        }
        Deed::Rename => {
            let (name, phone) = (field("name"), field("phone"));
            run(Box::new(move |tx, actor| command::rename(tx, actor, id, &name, &phone)))
        }
        Deed::Erase => run(Box::new(move |tx, actor| command::erase(tx, actor, id, &reason))),
        Deed::Password => {
            let issued = signin::reset_password(db, by, id, field("without_totp") == "yes", &from);
            state.forget_head();
            let login = db.read(|conn| store::find_person(conn, id))?.unwrap_or_default().login;
            show_password(state, submitted, &login, issued?)
        }
        Deed::EndSessions => {
            signin::end_sessions_of(db, by, id, &from)?;
            state.forget_head();
            Ok(Done::Go(format!("/admin/accounts/{id}")))
        }
    }
}
