//! Monthly reports, some of everything, so that no table stays empty.

use taizhang::auth::Actor;
use taizhang::clock::Instant;
use taizhang::db::Db;
use taizhang::document::Citation;
use taizhang::document::attachment::File;
use taizhang::monthly::answer::{accept, decline, settle, waive};
use taizhang::monthly::command::{NewReport, Which, approve, open, pass, send_back, submit};
use taizhang::monthly::photo;
use taizhang::monthly::store;
use taizhang::monthly::typed::{Typed, TypedLine, TypedProblem};
use taizhang::project::Attribute;
use taizhang::project::command::{Change, change};

/// Three reports: approved with a proposal taken up, approved with one declined, returned.
pub fn report(db: &Db) {
    let actor = Actor::operator();
    let today = db.clock().today();
    let clock = db.clock().clone();
    let wait = move || clock.move_to(Instant::from_micros(clock.now().micros() + 60_000_000));
    let paper = || Citation { code: "试-3".into(), title: None, issuer: None, dated: None };
    let which = move |project: &str| Which { project: project.into(), month: today.month() };
    db.write(move |tx| {
        for code in ["CY-03", "CY-24", "CY-25"] {
            for (attribute, value) in
                [(Attribute::LeadDepartment, "water".to_owned()), (Attribute::ReportingFrom, today.month().to_string())]
            {
                let (document, reason) = (paper(), String::new());
                wait();
                change(
                    tx,
                    &actor,
                    Change { code: code.into(), attribute, value, effective_on: today, document, reason },
                )?;
            }
            let line = |source: &str| TypedLine { source: source.into(), received: "12".into(), paid: "7.5".into() };
            let problem = |text: &str| TypedProblem {
                text: text.into(),
                counterpart: "属地乡".into(),
                due_on: "2030-01-15".into(),
            };
            let typed = Typed {
                completed: "25".into(),
                progress: "完成一段".into(),
                percent: "30".into(),
                proposal: "1200".into(),
                forecast: "900".into(),
                lines: vec![line("D1"), line("")],
                problems: vec![problem("征地"), problem("缺图")],
                ..Typed::default()
            };
            wait();
            submit(tx, &actor, &NewReport { which: which(code), typed, seen: None }, None)?;
            let file = File::judge(&format!("{code}.pdf"), format!("%PDF-1.7 {code}").into_bytes())?;
            wait();
            photo::add(tx, &actor, &which(code), &file, "河道")?;
            wait();
            open(tx, &actor, &which(code), None)?;
        }
        wait();
        send_back(tx, &actor, &which("CY-25"), None, "请核对")?;
        for code in ["CY-03", "CY-24"] {
            wait();
            pass(tx, &actor, &which(code), None)?;
            wait();
            approve(tx, &actor, &which(code), None)?;
        }
        let proposals = store::list_open_proposals(tx.conn(), i64::MAX)?;
        wait();
        accept(tx, &actor, proposals[0].id, &paper())?;
        wait();
        decline(tx, &actor, proposals[1].id, "没有批复")?;
        for (problem, _) in store::list_open_problems(tx.conn(), i64::MAX)?.into_iter().take(3) {
            wait();
            settle(tx, &actor, problem.id, "已协调")?;
        }
        for yes in [true, false, true] {
            wait();
            waive(tx, &actor, "water", yes, None, "试验")?;
        }
        Ok(())
    })
    .expect("each of these is accepted");
}
