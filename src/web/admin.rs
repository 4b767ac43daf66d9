//! `/admin`: the office looks after accounts, and reads the security log.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, web};

use super::account::shown;
use super::get;
use super::post::{self, Done, FORM, Submitted};
use super::query::Allowed;
use super::serve::{Face, serve};
use super::sign_in::once;
use super::state::State;
use super::viewer::Needs;
use crate::account::command::{self, NewAccount, NewDelegation};
use crate::account::store;
use crate::auth::{Action, Actor, Role};
use crate::db::{Head, Tx};
use crate::error::{Error, Result};
use crate::period::Day;
use crate::report::accounts::{self as report, Deed};
use crate::report::form::Filled;
use crate::report::own_account::shown_once;
use crate::report::sign_in::page;
use crate::signin;

const OFFICE: Needs = Needs::May(Action::ManageAccounts);
const LOG: Allowed = Allowed { many: &[], one: &["before"] };

/// The routes of the office's own pages.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route(
            "/admin/accounts",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Page, OFFICE, FORM, |conn, asked, state| {
                    once(state, "sections.html", &report::list(conn, asked)?)
                })
                .await
            }),
        )
        .route(
            "/admin/accounts/new",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Page, OFFICE, FORM, |conn, asked, state| {
                    let form = report::new_form(conn, asked, &Filled::default())?;
                    once(state, "form.html", &page(asked, "建立账户", Vec::new(), form))
                })
                .await
            }),
        )
        .route(
            "/admin/accounts/new",
            web::post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
                post::form(request, payload, state, OFFICE, create, |conn, asked, state, filled| {
                    let form = report::new_form(conn, asked, filled)?;
                    once(state, "form.html", &page(asked, "建立账户", Vec::new(), form))
                })
                .await
            }),
        )
        .route(
            "/admin/accounts/{id}",
            get().to(async |request: HttpRequest, state: Data<State>, id: Path<String>| {
                serve(request, state, Face::Page, OFFICE, FORM, move |conn, asked, state| {
                    once(state, "sections.html", &report::one(conn, asked, number(&id)?)?)
                })
                .await
            }),
        )
        .route("/admin/accounts/{id}/{deed}", web::post().to(change))
        .route(
            "/admin/security",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Page, OFFICE, LOG, |conn, asked, state| {
                    once(state, "sections.html", &report::security(conn, asked)?)
                })
                .await
            }),
        );
}

fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Error::not_found("账户", text, "从账户列表里打开"))
}

fn create(state: &State, submitted: &Submitted) -> Result<Done> {
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

async fn change(
    request: HttpRequest,
    payload: Payload,
    state: Data<State>,
    path: Path<(String, String)>,
) -> HttpResponse {
    let (id, word) = path.into_inner();
    let target = number(&id).and_then(|id| Ok((id, Deed::parse(&word)?)));
    let (id, deed) = match target {
        Ok(target) => target,
        Err(error) => return Face::Page.refuse(&state, &request, &error),
    };
    let submit = move |state: &State, submitted: &Submitted| act(state, submitted, id, deed);
    post::form(request, payload, state, OFFICE, submit, move |conn, asked, state, filled| {
        let standing = store::get_standing(conn, id, asked.today())?;
        let form = report::form(conn, asked, &standing, deed, filled)?;
        once(state, "form.html", &page(asked, &format!("账户 {}", standing.login), Vec::new(), form))
    })
    .await
}

fn act(state: &State, submitted: &Submitted, id: i64, deed: Deed) -> Result<Done> {
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
