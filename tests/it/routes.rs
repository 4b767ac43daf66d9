//! Every row of the table of routes, asked as everyone: what is expected follows from the row.

use std::collections::BTreeMap;

use actix_web::http::Method;
use taizhang::approval::command::ask_investment;
use taizhang::approval::investment::{Adjustment, Change};
use taizhang::auth::{Action, Actor, Role, permits};
use taizhang::clock::Instant;
use taizhang::db::{Db, Head};
use taizhang::document::Citation;
use taizhang::document::attachment::File;
use taizhang::document::attachment::command::attach;
use taizhang::ledger::command::{NewEntry, record};
use taizhang::milestone::command::{self as milestone, NewSet};
use taizhang::milestone::store as milestones;
use taizhang::milestone::template::Template;
use taizhang::money::Fen;
use taizhang::monthly::command::{NewReport, Which, approve, pass, submit};
use taizhang::monthly::store as monthly;
use taizhang::monthly::typed::{Typed, TypedProblem};
use taizhang::period::{Month, Precision};
use taizhang::project::Attribute;
use taizhang::project::command::{Change as ProjectChange, change};
use taizhang::publication::command::publish;
use taizhang::web::routes::table;
use taizhang::web::table::Row;
use taizhang::web::viewer::{Needs, csrf_of};

use crate::attachments::PDF;
use crate::support::{Answer, Reader, Site, a_payment, both_with_plan, day};

/// What stands for a project of the water bureau's, or for something of such a project.
const OF_A_DEPARTMENT: [&str; 3] = ["project", "entry", "milestone"];

/// An example of everything that stands in an address. A row with a name that is not here fails.
pub type Examples = BTreeMap<&'static str, String>;

fn paper() -> Citation {
    Citation { code: "样-1".into(), title: None, issuer: None, dated: None }
}

/// Records one of everything, for CY-24, which the water bureau leads.
pub fn examples(db: &Db) -> Examples {
    let august = Month::parse("2025-08").expect("a month");
    if db.read(|conn| taizhang::publication::store::list_of(conn, august)).expect("publications").is_empty() {
        // Where a later month is published already, this one cannot be.
        db.write(move |tx| publish(tx, &Actor::operator(), august, "")).expect("published");
    }
    let node = db.write(|tx| {
        let project = taizhang::project::store::find(tx.conn(), "CY-24")?.expect("CY-24").id;
        if let Some(node) = milestones::find(tx.conn(), project, "N5")? {
            return Ok(node.id);
        }
        let planned = vec![("N5".to_owned(), Precision::parse_date("2025-03")?)];
        let new = NewSet { project: "CY-24".into(), template: Template::Construction, planned };
        milestone::set_up(tx, &Actor::operator(), new, paper())?;
        Ok(milestones::find(tx.conn(), project, "N5")?.expect("set up").id)
    });
    let entry = db.write(|tx| {
        let new = NewEntry { project: "CY-24".into(), ..a_payment() };
        record(tx, &Actor::operator(), new, paper()).map(|done| done.entry.id)
    });
    let file = db.write(|tx| {
        attach(tx, &Actor::operator(), "CY-ECO-2023", File::judge("规划.pdf", PDF.to_vec())?)
            .map(|done| done.attachment.id)
    });
    let request = db.write(|tx| {
        let amount = Fen::parse_wan("1")?;
        let one = Adjustment { project: "CY-24".into(), amount, occurred_on: day("2025-09-20"), note: String::new() };
        let change = Change { adjustments: vec![one], document: paper(), reason: "概算批复调整".into() };
        ask_investment(tx, &Actor::account(1, vec![Role::Planner], Vec::new()), &change).map(|(id, _)| id)
    });
    let (problem, proposal) = reported(db);
    BTreeMap::from([
        ("month", "2025-09".to_owned()),
        ("problem", problem.to_string()),
        ("proposal", proposal.to_string()),
        ("account", "1".to_owned()),
        ("project", "CY-24".into()),
        ("category", "environment".into()),
        ("department", "water".into()),
        ("line", "FB1-24".into()),
        ("document", "CY-ECO-2023".into()),
        ("file", "taizhang.css".into()),
        ("row", "1".into()),
        ("deed", "disable".into()),
        ("answer", "approve".into()),
        ("attribute", "category".into()),
        ("setting", taizhang::setting::KNOWN[0].name.into()),
        ("milestone", node.expect("a milestone").to_string()),
        ("entry", entry.expect("an entry").to_string()),
        ("attachment", file.expect("a file").to_string()),
        ("published", "2025-08".into()),
        ("request", request.expect("a request").to_string()),
    ])
}

/// A report of CY-25 with a problem and a 计划建议数; the one of CY-24 is still to be filed.
fn reported(db: &Db) -> (i64, i64) {
    let which = Which { project: "CY-25".into(), month: Month::parse("2025-09").expect("a month") };
    let reported = db.write(move |tx| {
        let actor = Actor::operator();
        for (attribute, value) in [(Attribute::LeadDepartment, "water"), (Attribute::ReportingFrom, "2025-09")] {
            let (code, document, reason) = ("CY-25".into(), paper(), String::new());
            let effective_on = day("2025-09-01");
            change(tx, &actor, ProjectChange { code, attribute, value: value.into(), effective_on, document, reason })?;
        }
        let problem = TypedProblem { text: "征地".into(), ..TypedProblem::default() };
        let (completed, progress) = ("5".into(), "完成一段".into());
        let typed = Typed { completed, progress, proposal: "90".into(), problems: vec![problem], ..Typed::default() };
        submit(tx, &actor, &NewReport { which: which.clone(), typed, seen: None }, None)?;
        pass(tx, &actor, &which, None)?;
        approve(tx, &actor, &which, None)?;
        let proposal = monthly::list_open_proposals(tx.conn(), i64::MAX)?.first().expect("proposed").id;
        Ok((monthly::list_open_problems(tx.conn(), i64::MAX)?.first().expect("a problem").0.id, proposal))
    });
    reported.expect("a report")
}

/// The same with a clue, where one has come since.
pub fn with_clue(db: &Db, mut examples: Examples) -> Examples {
    let clues = db.read(|conn| milestones::list_clues(conn, None, i64::MAX)).expect("clues");
    examples.insert("clue", clues.first().expect("a clue").0.id.to_string());
    examples
}

/// The same, and the month published: the public sees it too.
fn published(db: &Db) -> Examples {
    let examples = with_clue(db, examples(db));
    db.clock().move_to(Instant::parse("2025-10-09T09:00:00+08:00").expect("an instant"));
    db.write(|tx| publish(tx, &Actor::operator(), Month::parse("2025-09")?, "")).expect("published");
    examples
}

/// The names in a row's address.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}

/// A row's address with an example of everything in it.
pub fn address(row: &Row, examples: &Examples) -> String {
    names(row.path).fold(row.path.to_owned(), |address, name| {
        let example = examples.get(name).unwrap_or_else(|| panic!("{}: no example of {{{name}}}", row.path));
        address.replace(&format!("{{{name}}}"), example)
    })
}

/// Someone who asks.
struct Someone<'s> {
    name: &'static str,
    role: Role,
    /// None: has not signed in.
    reader: Option<Reader<'s>>,
    is_of_another_department: bool,
}

fn everyone(site: &Site) -> Vec<Someone<'_>> {
    let mut all =
        vec![Someone { name: "anonymous", role: Role::Public, reader: None, is_of_another_department: false }];
    for (role, name, _) in Role::HELD {
        all.push(Someone { name, role, reader: Some(site.signed_in(role)), is_of_another_department: false });
        if role.is_owner() {
            let reader = Some(site.signed_in_as(&[role], &["culture"]));
            all.push(Someone { name, role, reader, is_of_another_department: true });
        }
    }
    all
}

impl Someone<'_> {
    fn is_let_in(&self, row: &Row) -> bool {
        match row.needs {
            Needs::Nothing => true,
            Needs::Account => self.reader.is_some(),
            Needs::May(action) => permits(self.role, action),
        }
    }

    fn ask(&self, site: &Site, method: Method, address: &str) -> Answer {
        match &self.reader {
            None => site.ask(method, address, &[]),
            Some(reader) => reader.ask(method, address, &[]),
        }
    }

    /// Sends nothing, as a form or a call, with this token of our own pages.
    fn send(&self, site: &Site, row: &Row, address: &str, csrf: Option<&str>) -> Answer {
        let cookie = self.reader.as_ref().map(|reader| format!("taizhang={}", reader.token)).unwrap_or_default();
        let (kind, body) = match row.is_api() {
            true => ("application/json", "{}".to_owned()),
            false
                if row.path.ends_with("/attach")
                    || row.path.ends_with("/photos")
                    || row.path.ends_with("/file")
                    || ["/backlog/check", "/monthly/check"].contains(&row.path) =>
            {
                ("multipart/form-data; boundary=edge", multipart(csrf))
            }
            false => {
                ("application/x-www-form-urlencoded", csrf.map_or(String::new(), |csrf| format!("csrf_token={csrf}")))
            }
        };
        let mut headers = vec![("content-type", kind), ("cookie", cookie.as_str()), ("if-match", "\"1\"")];
        headers.extend(csrf.filter(|_| row.is_api()).map(|csrf| ("x-csrf-token", csrf)));
        site.send(row.method.clone(), address, &headers, Some(body))
    }

    fn label(&self) -> String {
        format!("{}{}", self.name, if self.is_of_another_department { " of another department" } else { "" })
    }
}

fn multipart(csrf: Option<&str>) -> String {
    let field =
        csrf.map(|csrf| format!("--edge\r\nContent-Disposition: form-data; name=\"csrf_token\"\r\n\r\n{csrf}\r\n"));
    let file = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\na\r\n--edge--\r\n";
    format!("{}{file}", field.unwrap_or_default())
}

/// What a read is answered.
fn expected(row: &Row, who: &Someone<'_>) -> u16 {
    let is_of_a_department = names(row.path).any(|name| OF_A_DEPARTMENT.contains(&name));
    match (who.is_let_in(row), &who.reader) {
        (false, None) if row.is_api() => 401,
        // To sign in, and back.
        (false, None) => 303,
        (false, Some(_)) => 403,
        // Whoever belongs to no department has none to answer for.
        (true, Some(_)) if row.needs == Needs::May(Action::Claim) && !who.role.is_owner() => 403,
        // Who is in is not asked again.
        (true, Some(_)) if row.path.starts_with("/login") => 303,
        (true, _) if is_of_a_department && who.is_of_another_department => 404,
        (true, _) => 200,
    }
}

/// Everyone there is, and an example of everything an address can name: the account is somebody's.
fn asked_by<'s>(db: &Db, site: &'s Site) -> (Vec<Someone<'s>>, Examples) {
    let mut examples = published(db);
    let people = everyone(site);
    let account = people.iter().find_map(|who| who.reader.as_ref()).expect("somebody is signed in").account;
    examples.insert("account", account.to_string());
    (people, examples)
}

fn head(db: &Db) -> Head {
    db.read(Head::find).expect("head")
}

#[test]
fn every_address_lets_in_whom_its_row_says_and_nobody_else() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let (people, examples) = asked_by(&db, &site);
        let before = head(&db);
        let mut wrong = Vec::new();
        for row in table().rows.iter().filter(|row| row.method == Method::GET) {
            let address = address(row, &examples);
            for who in &people {
                let answer = who.ask(&site, Method::GET, &address);
                let wanted = expected(row, who);
                if answer.status != wanted {
                    let words: String = answer.words().chars().take(200).collect();
                    wrong.push(format!("{address} as {}: {} instead of {wanted}: {words}", who.label(), answer.status));
                }
                if wanted == 303 && who.reader.is_none() {
                    assert!(answer.header("location").starts_with("/login?next="), "{address}");
                }
            }
        }
        assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
        assert_eq!(head(&db), before, "reading writes nothing");
    });
}

#[test]
fn no_form_or_call_is_taken_from_elsewhere_or_from_whom_its_row_does_not_let_in() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let (people, examples) = asked_by(&db, &site);
        let before = head(&db);
        let mut wrong = Vec::new();
        for row in table().rows.iter().filter(|row| row.method != Method::GET) {
            let address = address(row, &examples);
            for who in &people {
                let refused = match (&who.reader, row.needs) {
                    (None, Needs::Account | Needs::May(_)) => {
                        if row.is_api() {
                            401
                        } else {
                            303
                        }
                    }
                    _ => 403,
                };
                let own = who.reader.as_ref().map(|reader| csrf_of(&reader.token));
                let mut tries = vec![("no token", None), ("a wrong token", Some(csrf_of("another session")))];
                if !who.is_let_in(row) {
                    tries.push(("the right token", own.clone()));
                }
                for (what, csrf) in tries {
                    let answer = who.send(&site, row, &address, csrf.as_deref());
                    if answer.status != refused {
                        wrong.push(format!(
                            "{} {address} as {}, {what}: {} instead of {refused}: {}",
                            row.method,
                            who.label(),
                            answer.status,
                            answer.words().chars().take(200).collect::<String>()
                        ));
                    }
                }
                let is_theirs = names(row.path).any(|name| OF_A_DEPARTMENT.contains(&name));
                if who.is_let_in(row) && who.is_of_another_department && is_theirs {
                    let answer = who.send(&site, row, &address, own.as_deref());
                    assert!((400..500).contains(&answer.status), "{address} as {}: {}", who.label(), answer.status);
                }
            }
        }
        assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
        assert_eq!(head(&db), before, "nothing was written");
    });
}

#[test]
fn an_address_says_which_methods_it_has_and_takes_no_other() {
    both_with_plan(|db| {
        let examples = published(&db);
        let site = Site::over(&db);
        let before = head(&db);
        let rows = table().rows;
        let mut methods: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        for row in &rows {
            methods.entry(row.path).or_default().push(row);
        }
        for (path, rows) in methods {
            let taken: Vec<Method> = rows.iter().map(|row| row.method.clone()).collect();
            assert!(
                taken.iter().all(|method| taken.iter().filter(|other| *other == method).count() == 1),
                "{path} twice"
            );
            let words = taken.iter().map(|method| if *method == Method::GET { "GET, HEAD" } else { method.as_str() });
            let allow = words.collect::<Vec<_>>().join(", ");
            let others = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS];
            for method in others.into_iter().filter(|method| !taken.contains(method)) {
                let answer = site.ask(method.clone(), &address(rows[0], &examples), &[]);
                assert_eq!((answer.status, answer.header("allow")), (405, allow.as_str()), "{method} {path}");
                let kind = if rows[0].is_api() { "application/problem+json" } else { "text/html" };
                assert!(answer.header("content-type").starts_with(kind), "{method} {path}");
                assert!(answer.body.contains(&format!("不接受 {method} 请求")), "{method} {path}: {}", answer.words());
            }
        }
        assert_eq!(head(&db), before, "nothing was written");
    });
}

#[test]
fn a_form_sent_after_the_sign_in_ended_leads_back_to_its_page() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        for (referer, next) in [
            ("http://taizhang.example/account?unit=wan", "%2Faccount%3Funit%3Dwan"),
            ("http://evil.example/account", "%2Faccount%2Ftotp"),
            ("http://taizhang.example.evil/account", "%2Faccount%2Ftotp"),
            ("account", "%2Faccount%2Ftotp"),
        ] {
            let headers = [("host", "taizhang.example"), ("referer", referer)];
            let answer = site.ask(Method::POST, "/account/totp", &headers);
            assert_eq!(answer.header("location"), format!("/login?next={next}"), "{referer}");
        }
    });
}

/// A form that only takes what is sent is opened by hand now and then: by a bookmark, or by going back.
#[test]
fn an_address_that_only_takes_a_form_says_where_the_form_is() {
    both_with_plan(|db| {
        let answer = Site::over(&db).get("/account/totp");
        assert!(answer.words().contains("请从有这张表单的页面提交"), "{}", answer.words());
    });
}
