//! What a department and the office decide: one of each, so that no table stays empty.

use taizhang::approval::command::{ask_investment, refuse};
use taizhang::approval::investment::{Adjustment, Change};
use taizhang::auth::{Actor, Role};
use taizhang::chasing::MESSAGE;
use taizhang::chasing::command::{NewChase, chase};
use taizhang::clock::Instant;
use taizhang::close::command::{Closing, lock, preclose, settle, withdraw};
use taizhang::db::Db;
use taizhang::document::Citation;
use taizhang::money::Fen;
use taizhang::project::Attribute;
use taizhang::project::confirm::command::{claim, confirm};
use taizhang::project::confirm::{NewClaim, NewConfirmation};
use taizhang::publication::command::publish;
use taizhang::setting::command::{NewSetting, set};

/// A claim, a confirmation, settings, publications, and two requests that were answered.
pub fn decide(db: &Db) {
    let office = || Actor::account(1_000_001, vec![Role::Office], vec!["water".into()]);
    let planner = || Actor::account(1_000_002, vec![Role::Planner], Vec::new());
    let finance = || Actor::account(1_000_003, vec![Role::Finance], Vec::new());
    let paper = || Citation { code: "试-2".into(), title: None, issuer: None, dated: None };
    let today = db.clock().today();
    let clock = db.clock().clone();
    let wait = move || clock.move_to(Instant::from_micros(clock.now().micros() + 60_000_000));
    db.write(move |tx| {
        for (project, accepts) in [("CY-03", true), ("CY-24", false)] {
            let (project, department) = (project.into(), "water".into());
            let reason = if accepts { String::new() } else { "应由园林牵头".into() };
            wait();
            claim(tx, &office(), NewClaim { project, department, accepts, suggested: None, reason })?;
        }
        let new = NewConfirmation {
            code: "CY-05".into(),
            attribute: Attribute::LeadDepartment,
            value: "ecology".into(),
            seen: None,
            effective_on: None,
            document: paper(),
            reason: String::new(),
        };
        wait();
        confirm(tx, &office(), &new)?;
        for value in ["7", "21"] {
            let name = "second_person_days".to_owned();
            wait();
            set(tx, &office(), NewSetting { name, value: value.into(), effective_on: None, reason: "试验".into() })?;
        }
        let last = taizhang::period::Month::from_raw(today.first_of_month().pred().month().raw())?;
        for note in ["", "重发"] {
            wait();
            publish(tx, &office(), last, note)?;
        }
        // Months before the plan: nothing that is played is dated in them.
        for month in ["2022-11", "2022-12"] {
            let month = taizhang::period::Month::parse(month)?;
            let (kind, reason) = (taizhang::close::Kind::Reports, "试验".to_owned());
            wait();
            lock(tx, &office(), &Closing { kind, month, department: String::new(), reason })?;
            let own = |reason: &str| Closing {
                kind: taizhang::close::Kind::Finance,
                month,
                department: "water".into(),
                reason: reason.into(),
            };
            wait();
            preclose(tx, &finance(), &own("试验"))?;
            wait();
            withdraw(tx, &finance(), &own("试验"))?;
            wait();
            preclose(tx, &finance(), &own("试验"))?;
            wait();
            settle(tx, &finance(), &own("试验"))?;
            let (department, text) = ("water".to_owned(), "请报送\n谢谢".to_owned());
            wait();
            chase(tx, &office(), NewChase { month, department, way: MESSAGE, missing: 2, text })?;
        }
        for project in ["CY-05", "CY-06"] {
            let one = Adjustment {
                project: project.into(),
                amount: Fen::new(100_000_000),
                occurred_on: today,
                note: String::new(),
            };
            let change = Change { adjustments: vec![one], document: paper(), reason: "试验".into() };
            wait();
            let (id, _) = ask_investment(tx, &planner(), &change)?;
            wait();
            refuse(tx, &office(), id, "没有批复")?;
        }
        Ok(())
    })
    .expect("each of these is accepted");
}
