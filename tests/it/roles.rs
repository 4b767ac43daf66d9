//! Who may do what, and that every command asks before it does anything.

use std::fs;
use std::path::{Path, PathBuf};

use taizhang::account::command::{self as account, NewAccount, NewDelegation};
use taizhang::account::{Person, Rights};
use taizhang::approval::command as approval;
use taizhang::approval::investment::Change;
use taizhang::approval::reversal::Reversal;
use taizhang::auth::{Action, Actor, Role, authorise, permits};
use taizhang::backlog::command as backlog;
use taizhang::chasing::MESSAGE;
use taizhang::chasing::command::{self as chasing, NewChase};
use taizhang::close::Kind as Lock;
use taizhang::close::command::{self as close, Closing};
use taizhang::db::{Head, Target, Tx};
use taizhang::document::Citation;
use taizhang::document::attachment::File;
use taizhang::document::attachment::command::attach;
use taizhang::error::{Error, Result};
use taizhang::ledger::Kind;
use taizhang::ledger::command::{self as ledger, NewEntry};
use taizhang::ledger::transfer::NewTransfer;
use taizhang::light::Sayer;
use taizhang::light::command::{self as light, NewExemption, NewJudgement, NewMonths};
use taizhang::measure::Measure;
use taizhang::milestone::FactKind;
use taizhang::milestone::command::{self as milestone, NewFact, NewMilestone, NewSet};
use taizhang::milestone::public::{self, Confirmation};
use taizhang::milestone::template::Template;
use taizhang::money::Fen;
use taizhang::monthly::answer;
use taizhang::monthly::command::{self as monthly, NewReport, Which};
use taizhang::monthly::photo;
use taizhang::monthly::typed::Typed;
use taizhang::period::{Day, Month, Precision, Year};
use taizhang::project::Attribute;
use taizhang::project::command::{self as project, Change as ProjectChange};
use taizhang::project::confirm::{NewClaim, NewConfirmation, command as confirm};
use taizhang::project::department::{NewDepartment, command as department};
use taizhang::publication::command as publication;
use taizhang::reconciliation::command::confirm as confirm_reported;
use taizhang::seed::{self, ProjectRow, load};
use taizhang::setting::command::{self as setting, NewSetting};

use crate::support::{TestDb, both_with_plan, texts};

#[test]
fn the_table_of_roles_and_actions_is_this() {
    let mut table = format!("{:<16}", "");
    table.push_str(&Role::ALL.map(|role| format!("{:<10}", format!("{role:?}"))).concat());
    for action in Action::ALL {
        let marks = Role::ALL.map(|role| format!("{:<10}", if permits(role, action) { "yes" } else { "-" }));
        table.push_str(&format!("\n{:<16}{}", format!("{action:?}"), marks.concat()));
    }
    let table: Vec<&str> = table.lines().map(str::trim_end).collect();
    insta::assert_snapshot!("roles", table.join("\n"));
}

#[test]
fn authorising_is_the_table() {
    let people = Role::HELD.map(|(role, ..)| Actor::account(7, vec![role], vec!["water".into()]));
    let actors =
        [Actor::public(), Actor::loader(), Actor::operator(), Actor::demonstration()].into_iter().chain(people);
    let actors: Vec<Actor> = actors.collect();
    for role in Role::ALL {
        assert!(actors.iter().any(|actor| actor.roles() == [role]), "somebody is {role:?}");
    }
    for actor in actors {
        for action in Action::ALL {
            let answer = authorise(&actor, action);
            match permits(actor.roles()[0], action) {
                true => assert_eq!(answer, Ok(()), "{actor:?} {action:?}"),
                false => assert_eq!(answer, Err(Error::Forbidden("没有权限做这件事".into())), "{actor:?} {action:?}"),
            }
        }
    }
}

/// A command run for its refusal: what it would have given does not matter.
type Command = fn(&mut Tx<'_>, &Actor) -> Result<()>;

fn a_month(text: &str) -> Month {
    Month::parse(text).expect("a month")
}

/// Every command with the action it needs. What it is given names nothing that exists, so that a
/// command which looked before it asked would answer something else.
const COMMANDS: [(&str, Action, Command); 67] = [
    ("close::command::lock", Action::Close, |tx, actor| close::lock(tx, actor, &closing()).map(drop)),
    ("close::command::preclose", Action::Settle, |tx, actor| close::preclose(tx, actor, &closing()).map(drop)),
    ("close::command::settle", Action::Settle, |tx, actor| close::settle(tx, actor, &closing()).map(drop)),
    ("close::command::withdraw", Action::Settle, |tx, actor| close::withdraw(tx, actor, &closing()).map(drop)),
    ("chasing::command::chase", Action::Close, |tx, actor| {
        let new = NewChase {
            month: to_come().month(),
            department: String::new(),
            way: MESSAGE,
            missing: 0,
            text: String::new(),
        };
        chasing::chase(tx, actor, new).map(drop)
    }),
    ("chasing::command::set_address", Action::Close, |tx, actor| chasing::set_address(tx, actor, "?", "?").map(drop)),
    ("approval::command::ask_reopen", Action::Approve, |tx, actor| {
        approval::ask_reopen(tx, actor, &closing()).map(drop)
    }),
    ("ledger::command::record_as", Action::RecordEntry, |tx, actor| {
        ledger::record_as(tx, actor, entry(), nothing(), ledger::How::PLAIN).map(drop)
    }),
    ("reconciliation::command::confirm", Action::RecordEntry, |tx, actor| confirm_reported(tx, actor, 1).map(drop)),
    ("seed::load::load", Action::LoadPlan, |tx, actor| {
        load::load(tx, actor, seed::embedded().expect("the plan reads")).map(drop)
    }),
    ("seed::load::import_projects", Action::ChangeProject, |tx, actor| {
        load::import_projects(tx, actor, Vec::<ProjectRow>::new(), None, nothing()).map(drop)
    }),
    ("ledger::command::record", Action::RecordEntry, |tx, actor| {
        ledger::record(tx, actor, entry(), nothing()).map(drop)
    }),
    ("ledger::command::import", Action::RecordEntry, |tx, actor| {
        ledger::import(tx, actor, "x", Vec::new(), nothing()).map(drop)
    }),
    ("document::attachment::command::attach", Action::Attach, |tx, actor| attach(tx, actor, "?", pdf()).map(drop)),
    ("ledger::command::transfer", Action::RecordEntry, |tx, actor| {
        let new = NewTransfer { lines: Vec::new(), occurred_on: to_come(), reason: String::new() };
        ledger::transfer(tx, actor, new, nothing()).map(drop)
    }),
    ("ledger::command::reverse", Action::RecordEntry, |tx, actor| {
        let wrong = ledger::NewReversal { id: -1, on: None, reason: String::new() };
        ledger::reverse(tx, actor, &wrong, None).map(drop)
    }),
    ("ledger::command::reverse_all", Action::RecordEntry, |tx, actor| {
        ledger::reverse_all(tx, actor, "x", &[], None).map(drop)
    }),
    ("backlog::command::load", Action::LoadBacklog, |tx, actor| {
        backlog::load(tx, actor, &[], &nothing(), true).map(drop)
    }),
    ("light::command::set_months", Action::PlanMonths, |tx, actor| {
        let (year, reason) = (Year::parse("2025").expect("a year"), String::new());
        let (first, last) = (a_month("2025-03"), a_month("2025-01"));
        let new =
            NewMonths { project: "CY-99".into(), year, first, last, curve: Vec::new(), effective_on: None, reason };
        light::set_months(tx, actor, &new, &nothing()).map(drop)
    }),
    ("light::command::exempt", Action::OverrideLight, |tx, actor| {
        let new = NewExemption {
            project: "CY-99".into(),
            effective_on: None,
            expires_on: to_come(),
            approver: String::new(),
            reason: String::new(),
        };
        light::exempt(tx, actor, &new, &nothing()).map(drop)
    }),
    ("light::command::say", Action::JudgeLight, |tx, actor| {
        let new = NewJudgement {
            project: "CY-99".into(),
            month: a_month("2025-03"),
            sayer: Sayer::Owner,
            light: None,
            reason: String::new(),
            expires_on: None,
        };
        light::say(tx, actor, &new, None).map(drop)
    }),
    ("milestone::command::add", Action::RecordMilestone, |tx, actor| {
        let new = NewMilestone { project: "CY-99".into(), code: String::new(), name: None, planned: None };
        milestone::add(tx, actor, new, nothing()).map(drop)
    }),
    ("milestone::command::record", Action::RecordMilestone, |tx, actor| {
        let new = NewFact {
            project: "CY-99".into(),
            milestone: "N5".into(),
            kind: FactKind::Met,
            on: (to_come(), Precision::Day),
            effective_on: None,
            reason: String::new(),
            evidence: String::new(),
            seen: None,
        };
        milestone::record(tx, actor, new, nothing()).map(drop)
    }),
    ("milestone::command::set_up", Action::RecordMilestone, |tx, actor| {
        let new = NewSet { project: "CY-99".into(), template: Template::Study, planned: Vec::new() };
        milestone::set_up(tx, actor, new, nothing()).map(drop)
    }),
    ("monthly::command::save", Action::FileReport, |tx, actor| monthly::save(tx, actor, &report()).map(drop)),
    ("monthly::command::submit", Action::FileReport, |tx, actor| monthly::submit(tx, actor, &report(), None).map(drop)),
    ("monthly::command::submit_draft", Action::FileReport, |tx, actor| {
        monthly::submit_draft(tx, actor, &report().which, 1, None).map(drop)
    }),
    ("monthly::photo::add", Action::FileReport, |tx, actor| {
        photo::add(tx, actor, &report().which, &pdf(), "").map(drop)
    }),
    ("monthly::command::withdraw", Action::FileReport, |tx, actor| {
        monthly::withdraw(tx, actor, &report().which, None).map(drop)
    }),
    ("monthly::command::open", Action::ReviewReport, |tx, actor| {
        monthly::open(tx, actor, &report().which, None).map(drop)
    }),
    ("monthly::command::pass", Action::ReviewReport, |tx, actor| {
        monthly::pass(tx, actor, &report().which, None).map(drop)
    }),
    ("monthly::command::send_back", Action::ReviewReport, |tx, actor| {
        monthly::send_back(tx, actor, &report().which, None, "").map(drop)
    }),
    ("monthly::command::approve", Action::ApproveReport, |tx, actor| {
        monthly::approve(tx, actor, &report().which, None).map(drop)
    }),
    ("monthly::answer::accept", Action::RecordEntry, |tx, actor| answer::accept(tx, actor, -1, &nothing()).map(drop)),
    ("monthly::answer::decline", Action::RecordEntry, |tx, actor| answer::decline(tx, actor, -1, "").map(drop)),
    ("monthly::answer::settle", Action::ApproveReport, |tx, actor| answer::settle(tx, actor, -1, "").map(drop)),
    ("monthly::answer::waive", Action::ReviewReport, |tx, actor| {
        answer::waive(tx, actor, "?", true, None, "").map(drop)
    }),
    ("milestone::public::import", Action::Confirm, |tx, actor| public::import(tx, actor, &[]).map(drop)),
    ("milestone::public::confirm_clue", Action::Confirm, |tx, actor| {
        public::confirm_clue(tx, actor, &Confirmation::default(), nothing()).map(drop)
    }),
    ("milestone::public::dismiss_clue", Action::Confirm, |tx, actor| {
        public::dismiss_clue(tx, actor, -1, "", None).map(drop)
    }),
    ("milestone::command::withdraw", Action::RecordMilestone, |tx, actor| {
        milestone::withdraw(tx, actor, -1, "", None).map(drop)
    }),
    ("project::command::change", Action::ChangeProject, |tx, actor| {
        let change = ProjectChange {
            code: "CY-99".into(),
            attribute: Attribute::Stage,
            value: "?".into(),
            effective_on: to_come(),
            document: nothing(),
            reason: String::new(),
        };
        project::change(tx, actor, change).map(drop)
    }),
    ("project::department::command::register", Action::ChangeProject, |tx, actor| {
        let (code, name, reason) = (String::new(), String::new(), String::new());
        let new = NewDepartment { code, name, effective_on: None, document: None, reason };
        department::register(tx, actor, new).map(drop)
    }),
    ("project::command::withdraw", Action::ChangeProject, |tx, actor| {
        project::withdraw(tx, actor, -1, "", None).map(drop)
    }),
    ("account::command::create", Action::ManageAccounts, |tx, actor| {
        let new = NewAccount { person: Person::default(), rights: Rights::default(), reason: String::new() };
        account::create(tx, actor, new).map(drop)
    }),
    ("account::command::change", Action::ManageAccounts, |tx, actor| {
        account::change(tx, actor, -1, Rights::default(), "").map(drop)
    }),
    ("account::command::disable", Action::ManageAccounts, |tx, actor| account::disable(tx, actor, -1, "").map(drop)),
    ("account::command::enable", Action::ManageAccounts, |tx, actor| account::enable(tx, actor, -1, "").map(drop)),
    ("account::command::delegate", Action::ManageAccounts, |tx, actor| {
        let new = NewDelegation {
            account_id: -1,
            role: Role::Finance,
            departments: Vec::new(),
            from: to_come(),
            until: to_come(),
            reason: String::new(),
        };
        account::delegate(tx, actor, new).map(drop)
    }),
    ("account::command::end_delegation", Action::ManageAccounts, |tx, actor| {
        account::end_delegation(tx, actor, -1, "").map(drop)
    }),
    ("account::command::hand_over", Action::ManageAccounts, |tx, actor| {
        account::hand_over(tx, actor, -1, -2, "").map(drop)
    }),
    ("account::command::rename", Action::ManageAccounts, |tx, actor| account::rename(tx, actor, -1, "", "").map(drop)),
    ("account::command::note_reset", Action::ManageAccounts, |tx, actor| {
        account::note_reset(tx, actor, -1, false).map(drop)
    }),
    ("account::command::erase", Action::ManageAccounts, |tx, actor| account::erase(tx, actor, -1, "").map(drop)),
    ("rollup::rebuild::rebuild", Action::Rebuild, |tx, actor| {
        taizhang::rollup::rebuild::rebuild(tx, actor, &mut |_| panic!("nothing is rebuilt")).map(drop)
    }),
    ("setting::command::set", Action::Set, |tx, actor| {
        let new = NewSetting { name: "?".into(), value: "?".into(), effective_on: None, reason: String::new() };
        setting::set(tx, actor, new).map(drop)
    }),
    ("publication::command::publish", Action::Publish, |tx, actor| {
        publication::publish(tx, actor, to_come().month(), "").map(drop)
    }),
    ("project::confirm::command::claim", Action::Claim, |tx, actor| {
        let (project, department) = ("CY-99".into(), "?".into());
        let new = NewClaim { project, department, accepts: true, suggested: None, reason: String::new() };
        confirm::claim(tx, actor, new).map(drop)
    }),
    ("project::confirm::command::confirm", Action::Confirm, |tx, actor| {
        let new = NewConfirmation {
            code: "CY-99".into(),
            attribute: Attribute::Stage,
            value: "?".into(),
            seen: None,
            effective_on: None,
            document: nothing(),
            reason: String::new(),
        };
        confirm::confirm(tx, actor, &new).map(drop)
    }),
    ("project::confirm::command::confirm_all", Action::Confirm, |tx, actor| {
        confirm::confirm_all(tx, actor, &[]).map(drop)
    }),
    ("approval::command::ask_investment", Action::Approve, |tx, actor| {
        let change = Change { adjustments: Vec::new(), document: nothing(), reason: String::new() };
        approval::ask_investment(tx, actor, &change).map(drop)
    }),
    ("approval::command::ask_reversal", Action::Approve, |tx, actor| {
        let wanted = Reversal { entry: -1, on: None, document: None, reason: String::new() };
        approval::ask_reversal(tx, actor, &wanted).map(drop)
    }),
    ("approval::command::ask_office", Action::Approve, |tx, actor| approval::ask_office(tx, actor, -1, "").map(drop)),
    ("approval::command::approve", Action::Approve, |tx, actor| approval::approve(tx, actor, -1, "").map(drop)),
    ("approval::command::refuse", Action::Approve, |tx, actor| approval::refuse(tx, actor, -1, "").map(drop)),
    ("approval::command::cancel", Action::Approve, |tx, actor| approval::cancel(tx, actor, -1, "").map(drop)),
    // The public reads; a command that only reads would be one for everyone.
    ("auth::authorise", Action::Read, |_, actor| authorise(actor, Action::Read)),
];

fn nothing() -> Citation {
    Citation { code: String::new(), title: None, issuer: None, dated: None }
}

fn report() -> NewReport {
    let which = Which { project: "CY-99".into(), month: to_come().month() };
    NewReport { which, typed: Typed::default(), seen: None }
}

fn to_come() -> Day {
    Day::parse("2099-12-31").expect("a day")
}

fn pdf() -> File {
    File::judge("a.pdf", b"%PDF-1.7".to_vec()).expect("a PDF")
}

fn closing() -> Closing {
    Closing { kind: Lock::Reports, month: to_come().month(), department: "?".into(), reason: String::new() }
}

fn entry() -> NewEntry {
    NewEntry {
        project: "CY-99".into(),
        measure: Measure::Paid,
        kind: Kind::Original,
        year: None,
        source: Some("Z9".into()),
        amount: Fen::new(i64::MAX),
        occurred_on: to_come(),
        reason: String::new(),
        is_estimate: false,
        note: String::new(),
    }
}

#[test]
fn a_command_refuses_whoever_may_not_before_it_looks_at_anything() {
    both_with_plan(|db| {
        let before = everything(&db);
        for actor in [Actor::public(), Actor::loader()] {
            for (name, action, command) in COMMANDS {
                if actor.may(action) {
                    continue;
                }
                let own = actor.clone();
                let answer = db.write(move |tx| command(tx, &own));
                assert_eq!(answer, Err(Error::Forbidden("没有权限做这件事".into())), "{} {name}", actor.name());
            }
        }
        assert_eq!(everything(&db), before, "not a row was written");
        // The same to whoever may: what was given is refused for what it is.
        for (name, action, command) in
            COMMANDS.into_iter().filter(|(_, action, _)| ![Action::Read, Action::Rebuild].contains(action))
        {
            let answer = db.write(move |tx| command(tx, &Actor::operator()));
            assert!(
                !matches!(answer, Ok(()) | Err(Error::Forbidden(_) | Error::Internal { .. })),
                "{name} {action:?}: {answer:?}"
            );
        }
        assert_eq!(everything(&db), before, "a refused command leaves no trace");
    });
}

/// How many rows every table has, and the head.
fn everything(db: &TestDb) -> (Head, Vec<String>) {
    let mut conn = Target::parse(db.url()).and_then(|target| target.connect()).expect("the database opens");
    let list = match db.engine() {
        crate::support::Engine::Sqlite => "SELECT name AS text FROM sqlite_schema WHERE type = 'table' ORDER BY name",
        crate::support::Engine::Postgres => {
            "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        }
    };
    let count = |table: String| format!("SELECT '{table} ' || CAST(count(*) AS TEXT) AS text FROM {table}");
    let counts = texts(&mut conn, list).into_iter().map(count).collect::<Vec<_>>();
    let rows = counts.iter().flat_map(|query| texts(&mut conn, query)).collect();
    (db.read(Head::find).expect("head"), rows)
}

/// Writes that need no role: each with its reason.
const OPEN: [(&str, &str); 3] = [
    ("src/submission/mod.rs once", "runs the command it is given, which asks for itself"),
    ("src/proof/store.rs keep_run", "keeps the last proof to be shown: operational, not a fact"),
    ("src/demo/story.rs play", "runs the commands, which ask for themselves"),
];

/// The source says so too: whatever takes a transaction authorises on its first line, and stands
/// in the list above.
#[test]
fn every_command_authorises_on_its_first_line() {
    let mut seen = Vec::new();
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = fs::read_to_string(&path).expect("a source");
        let file = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("a file of ours").display().to_string();
        if file.starts_with("src/db/") {
            continue;
        }
        for item in text.split("\npub").skip(1).filter_map(|rest| rest.split_once("fn ")).map(|(_, item)| item) {
            let Some((signature, body)) = item.split_once(" {\n") else { continue };
            if !signature.contains("tx: &mut Tx<") {
                continue;
            }
            let name = signature.split(['(', '<']).next().expect("a name");
            let known = format!("{file} {name}");
            if OPEN.iter().any(|(open, _)| *open == known) {
                seen.push(known);
                continue;
            }
            let first = body.lines().next().expect("a first line").trim();
            assert!(first.starts_with("authorise(actor, Action::") && first.ends_with(")?;"), "{known}: {first}");
            let action = first.trim_start_matches("authorise(actor, Action::").trim_end_matches(")?;");
            let module = file.trim_start_matches("src/").trim_end_matches(".rs").replace('/', "::");
            let listed = COMMANDS.iter().find(|(listed, ..)| *listed == format!("{module}::{name}"));
            let (_, wanted, _) = listed.unwrap_or_else(|| panic!("{known} is not in the list of commands"));
            assert_eq!(format!("{wanted:?}"), action, "{known}");
            seen.push(known);
        }
    }
    assert_eq!(seen.len(), COMMANDS.len() - 1 + OPEN.len(), "every one of the lists is in the source: {seen:?}");
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
