//! What people say of lights, so that no table of theirs is empty.

use taizhang::auth::Actor;
use taizhang::db::Db;
use taizhang::document::Citation;
use taizhang::light::command::{NewExemption, NewJudgement, NewMonths, exempt, say, set_months};
use taizhang::light::{Light, Sayer, judged_month, judged_until};
use taizhang::period::Month;
use taizhang::project::Attribute;
use taizhang::project::command::change;

use crate::support::project_fact;

fn paper() -> Citation {
    Citation { code: "试-2".into(), title: None, issuer: None, dated: None }
}

/// Three plans' months, three exemptions and three judgements.
pub fn say_of_lights(db: &Db) {
    let today = db.clock().today();
    let month = judged_month(today);
    for code in ["CY-01", "CY-02", "CY-03"] {
        db.write(move |tx| {
            let operator = Actor::operator();
            let from = project_fact(code, Attribute::ReportingFrom, &month.to_string(), today, paper());
            change(tx, &operator, from)?;
            let at = |month: &str| Month::parse(&format!("{}-{month}", today.year())).expect("a month");
            let months = NewMonths {
                project: code.into(),
                year: today.year(),
                first: at("11"),
                last: at("12"),
                curve: vec![2_500, 10_000],
                effective_on: None,
                reason: "年底前完成".into(),
            };
            set_months(tx, &operator, &months, &paper())?;
            let leave = NewExemption {
                project: code.into(),
                effective_on: None,
                expires_on: judged_until(month),
                approver: "区政府".into(),
                reason: "地块未移交".into(),
            };
            exempt(tx, &operator, &leave, &paper())?;
            let said = NewJudgement {
                project: code.into(),
                month,
                sayer: Sayer::Office,
                light: Some(Light::Yellow),
                reason: "现场核实".into(),
                expires_on: None,
            };
            say(tx, &operator, &said, Some(&paper()))
        })
        .expect("each of these is accepted");
    }
}
