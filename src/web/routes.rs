//! Every address this program answers: its method, its address, who may, and what answers. What
//! has no row here does not exist. `{names}` in an address say what stands there; the tests hold
//! an example of each and ask every row as everyone (`tests/it/routes.rs`).

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::web::Data;

use super::query::Allowed;
use super::serve::{Face, serve};
use super::sign_in::{self, once};
use super::state::State;
use super::table::{Table, get, opened};
use super::viewer::Needs;
use super::{
    account, admin, api, attachment, backlog, closes, confirm, departments, duties, journal, lights, money, monthly,
    nodes, nodes_api, office, pages, reconciliation, registry, reports, reports_api,
};
use crate::approval::Kind;
use crate::auth::Action;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::report::asked::Asked;
use crate::report::own_account::{self, Own};
use crate::report::{
    accounts, approvals, closes as locks, confirmations, departments as report_of_departments, light_forms, node_form,
    settings,
};

use super::answer::Body;
use super::post::FORM;

const ALL: Needs = Needs::Nothing;
const SIGNED_IN: Needs = Needs::Account;
const OWN: Needs = Needs::May(Action::OwnAccount);
const ACCOUNTS: Needs = Needs::May(Action::ManageAccounts);
const APPROVE: Needs = Needs::May(Action::Approve);
const WHOLE: Needs = Needs::May(Action::ReadAll);
const CLOSE: Needs = Needs::May(Action::Close);
const SETTLE: Needs = Needs::May(Action::Settle);
const PUBLISH: Needs = Needs::May(Action::Publish);
const SET: Needs = Needs::May(Action::Set);
const CONFIRM: Needs = Needs::May(Action::Confirm);
const CLAIM: Needs = Needs::May(Action::Claim);
const BACKLOG: Needs = Needs::May(Action::CheckBacklog);
const JOURNAL: Needs = Needs::May(Action::ReadJournal);
const MONEY: Needs = Needs::May(Action::RecordEntry);
const NODES: Needs = Needs::May(Action::RecordMilestone);
const PLAN_MONTHS: Needs = Needs::May(Action::PlanMonths);
const OVERRIDE: Needs = Needs::May(Action::OverrideLight);
const JUDGE: Needs = Needs::May(Action::JudgeLight);
const FILE: Needs = Needs::May(Action::FileReport);
const REVIEW: Needs = Needs::May(Action::ReviewReport);
const PASS_ON: Needs = Needs::May(Action::ApproveReport);
const ATTACH: Needs = Needs::May(Action::Attach);
const CHANGE: Needs = Needs::May(Action::ChangeProject);

const VIEW: Allowed = Allowed::VIEW;

/// The whole table.
pub fn table() -> Table {
    let mut t = Table::default();
    public(&mut t);
    people(&mut t);
    office_pages(&mut t);
    money_and_nodes(&mut t);
    light_forms(&mut t);
    report_pages(&mut t);
    api_reads(&mut t);
    api_writes(&mut t);
    t
}

/// What everyone reads.
fn public(t: &mut Table) {
    t.page("/", ALL, VIEW, pages::overview);
    t.page("/projects", ALL, pages::PROJECTS, pages::projects);
    t.page("/projects/{project}", ALL, VIEW, pages::project);
    t.page("/projects/{project}/funding", ALL, VIEW, pages::funding);
    t.page("/categories/{category}", ALL, VIEW, pages::category);
    t.page("/departments/{department}", ALL, VIEW, pages::department);
    t.page("/entries", ALL, pages::ENTRIES, pages::entries);
    t.page("/execution", ALL, pages::EXECUTION, pages::execution);
    t.page("/milestones", ALL, pages::MILESTONES, pages::milestones);
    t.page("/lights", ALL, lights::LIST, lights::list);
    t.page("/lights/trial", ALL, lights::TRIAL, lights::trial);
    t.page("/indicators", ALL, pages::INDICATORS, pages::indicators);
    t.page("/lines/{line}", ALL, VIEW, pages::line);
    t.page("/documents/{document}", ALL, VIEW, pages::document);
    t.page("/data", ALL, VIEW, pages::data);
    t.page("/proof", ALL, VIEW, pages::proof);
    t.page("/about", ALL, VIEW, pages::about);
    t.page("/publications", ALL, VIEW, closes::publications);
    t.page("/publications/{published}", ALL, closes::MONTH, closes::published_month);
    t.own(Method::GET, "/attachments/{attachment}", ALL, get().to(attachment::send));
    t.own(Method::GET, "/static/{file}", ALL, get().to(super::static_file));
}

/// Signing in and out, and what is one's own.
fn people(t: &mut Table) {
    t.own(Method::GET, "/login", ALL, get().to(sign_in::show_login));
    t.post("/login", ALL, sign_in::login, sign_in::enter);
    t.own(Method::GET, "/login/code", ALL, get().to(sign_in::show_code));
    t.post("/login/code", ALL, sign_in::code, sign_in::second);
    t.page("/logout", SIGNED_IN, FORM, opened(sign_in::logout));
    t.post("/logout", ALL, sign_in::logout, sign_in::leave);
    t.page("/todo", SIGNED_IN, VIEW, pages::todo);
    t.form("/account/password", SIGNED_IN, sign_in::password, sign_in::change);
    t.page("/account", OWN, VIEW, sections(own_account::build));
    let own = |t: &mut Table, path, which, deed| t.post(path, OWN, account::again(which), account::done(deed));
    own(t, "/account/sessions/end", Own::Totp, account::end_session);
    own(t, "/account/totp", Own::Totp, account::begin_totp);
    own(t, "/account/totp/confirm", Own::TotpCode, account::confirm_totp);
    own(t, "/account/totp/off", Own::TotpOff, account::disable_totp);
    own(t, "/account/codes", Own::Codes, account::renew_codes);
    own(t, "/account/tokens", Own::Token, account::create_token);
    own(t, "/account/tokens/revoke", Own::Token, account::revoke_token);
}

/// What the office looks after.
fn office_pages(t: &mut Table) {
    t.page("/admin/accounts", ACCOUNTS, VIEW, sections(accounts::list));
    t.form("/admin/accounts/new", ACCOUNTS, admin::new_form, admin::create);
    t.page("/admin/accounts/{account}", ACCOUNTS, FORM, admin::one);
    t.post("/admin/accounts/{account}/{deed}", ACCOUNTS, admin::again, admin::act);
    t.page("/admin/security", ACCOUNTS, admin::LOG, sections(accounts::security));
    t.page("/admin/approvals", APPROVE, office::PAGED, sections(approvals::list));
    t.page("/admin/approvals/{request}", APPROVE, VIEW, office::request);
    let ask = |t: &mut Table, path, kind, take: fn(&State, &_) -> Result<String>| {
        t.post(path, APPROVE, office::ask(kind), take);
    };
    ask(t, "/admin/approvals/change_investment", Kind::ChangeInvestment, office::take_investment);
    ask(t, "/admin/approvals/reverse_investment", Kind::ReverseInvestment, office::take_reversal);
    ask(t, "/admin/approvals/grant_office", Kind::GrantOffice, office::take_office);
    ask(t, "/admin/approvals/reopen_month", Kind::ReopenMonth, closes::take_reopening);
    ask(t, "/admin/approvals/reopen_finance", Kind::ReopenFinance, closes::take_reopening);
    t.post("/admin/approvals/{request}/{answer}", APPROVE, office::answer, office::take_answer);
    t.page("/reports/board", WHOLE, duties::BOARD, duties::board);
    t.post("/reports/board/chases", CLOSE, duties::chase_form, duties::take_chase);
    t.post("/reports/board/addresses", CLOSE, duties::address_form, duties::take_address);
    t.page("/admin/closes", CLOSE, VIEW, sections(locks::list));
    t.post("/admin/closes", CLOSE, closes::lock_form, closes::take_lock);
    t.page("/reconciliation", WHOLE, reconciliation::LIST, reconciliation::list);
    t.post("/reconciliation/confirm", MONEY, reconciliation::again, reconciliation::take);
    t.page("/closes", WHOLE, VIEW, sections(locks::finance));
    t.post("/closes/{deed}", SETTLE, closes::finance_form, closes::take_finance);
    t.post("/publications", PUBLISH, closes::publish_form, closes::take_publication);
    t.page("/admin/settings", SET, VIEW, sections(settings::list));
    t.post("/admin/settings/{setting}", SET, office::setting, office::take_setting);
    t.page("/admin/confirmations", CONFIRM, confirm::LIST, sections(confirmations::list));
    t.page("/admin/confirmations/list", CONFIRM, FORM, confirm::list);
    t.post("/admin/confirmations/list", CONFIRM, confirm::list_form, confirm::take_list);
    t.upload("/admin/confirmations/file", CONFIRM, confirm::file_form, confirm::take_file);
    t.page("/admin/confirmations/{project}", CONFIRM, FORM, confirm::one);
    t.post("/admin/confirmations/{project}/{attribute}", CONFIRM, confirm::again, confirm::take_one);
    t.form("/projects/{project}/claim", CLAIM, confirm::claim_form, confirm::take_claim);
    t.page("/admin/departments", CHANGE, VIEW, sections(report_of_departments::list));
    t.post("/admin/departments", CHANGE, departments::form, departments::take);
    t.page("/backlog", BACKLOG, backlog::PAGE, backlog::page);
    t.upload("/backlog/check", BACKLOG, backlog::show, backlog::check);
    t.post("/backlog/load", BACKLOG, backlog::show, backlog::load);
    t.page("/journal", JOURNAL, journal::SEARCH, journal::list);
    t.page("/journal/{row}", JOURNAL, VIEW, journal::one);
}

/// The forms of money, milestones and files.
fn money_and_nodes(t: &mut Table) {
    t.form("/entries/new", MONEY, money::entry::page, money::entry::submit);
    t.form("/entries/{entry}/reversal", MONEY, money::entry::reversal, money::entry::take_back);
    t.form("/transfers/new", MONEY, money::transfer::page, money::transfer::submit);
    t.upload("/documents/{document}/attach", ATTACH, attachment::form, attachment::keep);
    t.form("/projects/{project}/milestones/set", NODES, nodes::of_project(node_form::set_up), nodes::set_up);
    t.form("/projects/{project}/milestones/new", NODES, nodes::of_project(node_form::new), nodes::add);
    t.form("/milestones/{milestone}/record", NODES, nodes::numbered("milestone", node_form::record), nodes::record);
    t.form(
        "/milestones/{milestone}/withdraw",
        NODES,
        nodes::numbered("milestone", node_form::withdraw),
        nodes::withdraw,
    );
    t.form("/clues/{clue}/confirm", CONFIRM, nodes::numbered("clue", node_form::confirm), nodes::confirm);
    t.form("/clues/{clue}/dismiss", CONFIRM, nodes::numbered("clue", node_form::dismiss), nodes::dismiss);
}

/// The forms of lights.
fn light_forms(t: &mut Table) {
    t.form("/projects/{project}/light/say", JUDGE, nodes::of_project(light_forms::say), lights::say);
    t.form("/projects/{project}/light/exempt", OVERRIDE, nodes::of_project(light_forms::exempt), lights::exempt);
    t.form("/projects/{project}/light/months", PLAN_MONTHS, nodes::of_project(light_forms::months), lights::set_months);
}

/// The monthly reports.
fn report_pages(t: &mut Table) {
    t.page("/monthly", FILE, monthly::PAGE, monthly::page);
    t.upload("/monthly/check", FILE, monthly::again, monthly::check);
    t.post("/monthly/submit", FILE, monthly::again, monthly::take);
    t.page("/reports", SIGNED_IN, reports::LIST, reports::list);
    t.page("/reports/{project}/{month}", SIGNED_IN, VIEW, reports::one);
    t.form("/reports/{project}/{month}/edit", FILE, reports::edit, reports::save);
    t.page("/reports/{project}/{month}/check", FILE, FORM, opened(reports::check));
    t.post("/reports/{project}/{month}/submit", FILE, reports::check, reports::submit);
    t.upload("/reports/{project}/{month}/photos", FILE, reports::photo_form, reports::take_photo);
    let step = |t: &mut Table, path, needs, word, run| t.post(path, needs, reports::again(word), reports::step(run));
    step(t, "/reports/{project}/{month}/withdraw", FILE, "withdraw", reports::WITHDRAW);
    step(t, "/reports/{project}/{month}/open", REVIEW, "open", reports::OPEN);
    step(t, "/reports/{project}/{month}/pass", REVIEW, "pass", reports::PASS);
    step(t, "/reports/{project}/{month}/return", REVIEW, "return", reports::RETURN);
    step(t, "/reports/{project}/{month}/approve", PASS_ON, "approve", reports::APPROVE);
    t.post("/reports/problems/{problem}/settle", PASS_ON, reports::settle_again, reports::settle);
    t.post("/reports/proposals/{proposal}/accept", MONEY, reports::accept_again, reports::accept);
    t.post("/reports/proposals/{proposal}/decline", MONEY, reports::decline_again, reports::decline);
    t.page("/reports/waivers", REVIEW, VIEW, sections(crate::report::monthly::waivers::list));
    t.post("/reports/waivers", REVIEW, reports::waiver_again, reports::waive);
    t.read("/api/v1/projects/{project}/reports", SIGNED_IN, VIEW, reports_api::all);
    let of_month = |request: HttpRequest, state: Data<State>| {
        serve(request, state, Face::Api, SIGNED_IN, VIEW, reports_api::of_month)
    };
    t.own(Method::GET, "/api/v1/projects/{project}/reports/{month}", SIGNED_IN, get().to(of_month));
    t.write(Method::POST, "/api/v1/projects/{project}/reports", FILE, reports_api::draft);
    let write = |t: &mut Table, path, needs, run| t.write(Method::POST, path, needs, reports_api::step(run));
    t.write(Method::POST, "/api/v1/projects/{project}/reports/{month}/submit", FILE, reports_api::submit);
    write(t, "/api/v1/projects/{project}/reports/{month}/withdraw", FILE, reports::WITHDRAW);
    write(t, "/api/v1/projects/{project}/reports/{month}/open", REVIEW, reports::OPEN);
    write(t, "/api/v1/projects/{project}/reports/{month}/pass", REVIEW, reports::PASS);
    write(t, "/api/v1/projects/{project}/reports/{month}/return", REVIEW, reports::RETURN);
    write(t, "/api/v1/projects/{project}/reports/{month}/approve", PASS_ON, reports::APPROVE);
}

/// What programs read.
fn api_reads(t: &mut Table) {
    t.read("/api/v1/projects", ALL, api::PROJECTS, api::projects);
    t.read("/api/v1/projects/{project}", ALL, VIEW, api::project);
    t.read("/api/v1/projects/{project}/entries", ALL, api::PAGED, api::entries);
    t.read("/api/v1/projects/{project}/milestones", ALL, VIEW, api::milestones);
    t.read("/api/v1/milestones/{milestone}", ALL, VIEW, nodes_api::one);
    t.read("/api/v1/entries/{entry}", ALL, VIEW, money::api::one);
    t.read("/api/v1/categories", ALL, VIEW, api::categories);
    t.read("/api/v1/departments", ALL, VIEW, api::departments);
    t.read("/api/v1/sources", ALL, VIEW, api::sources);
    t.read("/api/v1/lights", ALL, lights::ITEMS, lights::items);
    t.read("/api/v1/indicators", ALL, VIEW, api::indicators);
    t.read("/api/v1/rollup", ALL, api::ROLLUP, api::rollup_of);
    t.read("/api/v1/publications", ALL, VIEW, closes::list_publications);
    t.read("/api/v1/closes", WHOLE, VIEW, closes::list_closes);
    t.read("/api/v1/head", ALL, VIEW, api::head);
    t.read("/api/v1/journal", JOURNAL, registry::AFTER, registry::rows);
}

/// What programs write.
fn api_writes(t: &mut Table) {
    t.write(Method::POST, "/api/v1/entries", MONEY, money::api::post);
    t.write(Method::POST, "/api/v1/entries/{entry}/reversal", MONEY, money::api::post_reversal);
    t.write(Method::POST, "/api/v1/transfers", MONEY, money::api::post_transfer);
    t.write(Method::POST, "/api/v1/projects/{project}/milestones", NODES, nodes_api::post_milestone);
    t.write(Method::POST, "/api/v1/milestones/{milestone}/facts", NODES, nodes_api::post_fact);
    t.write(Method::POST, "/api/v1/closes", SIGNED_IN, closes::post_close);
    t.write(Method::POST, "/api/v1/closes/reopen", APPROVE, closes::post_reopening);
    t.write(Method::POST, "/api/v1/publications", PUBLISH, closes::post_publication);
    t.write(Method::POST, "/api/v1/projects", CHANGE, registry::register);
    t.write(Method::PUT, "/api/v1/projects/{project}/name", CHANGE, registry::put("name"));
    t.write(Method::PUT, "/api/v1/projects/{project}/category", CHANGE, registry::put("category"));
    t.write(Method::PUT, "/api/v1/projects/{project}/departments", CHANGE, registry::put("departments"));
    t.write(Method::PUT, "/api/v1/projects/{project}/nature", CHANGE, registry::put("nature"));
    t.write(Method::PUT, "/api/v1/projects/{project}/stage", CHANGE, registry::put("stage"));
    t.write(Method::PUT, "/api/v1/projects/{project}/years", CHANGE, registry::put("years"));
    t.write(Method::POST, "/api/v1/departments", CHANGE, departments::post);
    t.write(Method::POST, "/api/v1/withdrawals", SIGNED_IN, registry::take_back);
}

/// A page of sections, which holds forms and is therefore never kept.
fn sections<C, F>(build: F) -> impl Fn(&mut AnyConnection, &Asked, &State) -> Result<Body> + Copy + Send + 'static
where
    C: serde::Serialize,
    F: Fn(&mut AnyConnection, &Asked) -> Result<C> + Copy + Send + 'static,
{
    move |conn, asked, state| match asked.format.as_deref() {
        None | Some("html") => once(state, "sections.html", &build(conn, asked)?),
        Some(other) => Err(Error::invalid("format", other, "这一页只有 html")),
    }
}
