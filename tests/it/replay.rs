//! Every total, at any date, as known at any instant, is what a plain recount of everything
//! said by then gives. Random commands are played; the recount shares no code with the product.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use taizhang::db::{Db, Head};
use taizhang::period::Day;
use taizhang::rollup::{Deadline, Dimension, Filter, Rollup, Scope, Way, rollup};

use crate::play::{Answer, Play, Question, a_small_plan, moves};
use crate::support::both;

const WAYS_TO_GROUP: [&[Dimension]; 13] = [
    &[],
    &[Dimension::Category],
    &[Dimension::Department],
    &[Dimension::Nature],
    &[Dimension::StartYear],
    &[Dimension::EndYear],
    &[Dimension::Year],
    &[Dimension::Source],
    &[Dimension::Stage],
    &[Dimension::Category, Dimension::Year],
    &[Dimension::Source, Dimension::Department],
    &[Dimension::Year, Dimension::Source],
    &[Dimension::Stage, Dimension::EndYear],
];

#[test]
fn any_total_at_any_date_and_instant_is_what_a_recount_gives() {
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let asked = std::cell::RefCell::new(BTreeMap::<String, usize>::new());
    runner
        .run(&(moves(45), prop::collection::vec((0_u64..1_000, 0_usize..1_000), 10)), |(moves, points)| {
            both(|db| {
                let mut play = Play::begin(&db, a_small_plan());
                play.play(&moves);
                let last = db.read(Head::find).expect("head").seq;
                let today = db.clock().today().to_naive();
                // Now first: the kept rows of today are read only there.
                let now = std::iter::once((today, last));
                let then = points.iter().map(|&(back, known)| {
                    let known = 1 + i64::try_from(known).expect("small") % last;
                    (today - Days::new(back % 900), known)
                });
                for (on, known) in now.chain(then) {
                    for by in WAYS_TO_GROUP {
                        let way = compare(&db, &play, by, None, on, known);
                        assert!((on, known) != (today, last) || way != Way::Fold, "now, nothing is folded");
                        *asked.borrow_mut().entry(format!("{way:?}")).or_default() += 1;
                    }
                    for only in [
                        ("category", "economy"),
                        ("stage", "none"),
                        ("stage", "construction"),
                        ("year", "2025"),
                        ("year", "none"),
                        ("source", "D1"),
                        ("source", "none"),
                    ] {
                        compare(&db, &play, &[Dimension::Category], Some(only), on, known);
                        compare(&db, &play, &[Dimension::Year], Some(only), on, known);
                    }
                }
            });
            Ok(())
        })
        .expect("no case fails");
    let asked = asked.into_inner();
    assert!(["Kept", "Current", "Fold"].iter().all(|way| asked.contains_key(*way)), "every way was asked: {asked:?}");
}

/// Asks the product and the recount the same question; both must say the same.
fn compare(
    db: &Db,
    play: &Play<'_>,
    by: &[Dimension],
    only: Option<(&'static str, &str)>,
    on: NaiveDate,
    known: i64,
) -> Way {
    let words: Vec<&'static str> = by.iter().map(|dimension| dimension.word()).collect();
    let expected = play.truth.answer(&Question { by: &words, only, on, known });
    let told = ask(db, by, only, on, known);
    let whole = told.total.projects.is_some();
    let mut found: BTreeMap<Vec<String>, Answer> = BTreeMap::new();
    for row in &told.rows {
        let figures = &row.figures;
        let counts = figures.milestones.unwrap_or_default();
        found.insert(
            row.keys.clone(),
            Answer {
                sums: figures.sums.map(|sum| (sum.fen, sum.n)),
                projects: figures.projects.unwrap_or_default(),
                milestones: [counts.planned, counts.due, counts.met, counts.late],
            },
        );
    }
    let keys: BTreeSet<&Vec<String>> = expected.keys().chain(found.keys()).collect();
    for key in keys {
        let mut wanted = expected.get(key).cloned().unwrap_or_default();
        if !whole {
            // Years and sources split entries, not projects.
            (wanted.projects, wanted.milestones) = (0, [0; 4]);
        }
        let got = found.get(key).cloned().unwrap_or_default();
        assert_eq!(got, wanted, "{key:?} by {words:?} only {only:?} on {on} known seq:{known} ({:?})", told.way);
    }
    let sums: [(i64, i64); 6] = std::array::from_fn(|at| {
        found.values().fold((0, 0), |sum, answer| (sum.0 + answer.sums[at].0, sum.1 + answer.sums[at].1))
    });
    assert_eq!(told.total.sums.map(|sum| (sum.fen, sum.n)), sums, "the total is the sum of its rows");
    told.way
}

fn ask(db: &Db, by: &[Dimension], only: Option<(&str, &str)>, on: NaiveDate, known: i64) -> Rollup {
    let mut filter = Filter::default();
    if let Some((dimension, key)) = only {
        match dimension {
            "category" => filter.category = vec![key.into()],
            "stage" => filter.stage = vec![key.into()],
            // A key that is no number is the bucket of no year.
            "year" => filter.year = vec![key.parse().ok()],
            _ => filter.source = vec![key.into()],
        }
    }
    db.read(|conn| {
        let known = taizhang::journal::store::head_at(conn, known)?.expect("a row of the journal");
        let as_of = Day::parse(&on.to_string())?;
        rollup(conn, &Scope { as_of, known, by: by.to_vec(), filter }, &Deadline::none())
    })
    .expect("an answer")
}
