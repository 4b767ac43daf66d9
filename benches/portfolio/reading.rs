//! Questions and how long their answers take, each compared with the fold.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use taizhang::db::{Db, Head};
use taizhang::period::Day;
use taizhang::rollup::{Deadline, Dimension, Filter, Scope, rollup};

use crate::fold::{Booked, Project, Sums, Truth};
use crate::generate::{SLUGS, SOURCES};
use crate::{median, ms};

/// A question asked of both sides at some points of time.
struct Question<'a> {
    name: &'a str,
    by: &'a [Dimension],
    filter: Filter,
    key: &'a dyn Fn(usize, &Project, &Booked) -> Option<[i64; 2]>,
    points: Vec<(i32, i64)>,
    /// What the issue asks for.
    target: &'a str,
}

/// Asks everything and prints a line each.
pub fn measure(db: &Db, truth: &Truth) {
    let (today, last) = (truth.today, truth.last_seq);
    let days = [20_231_015, 20_240_229, 20_240_630, 20_241_231, 20_250_115, 20_250_731, today];
    let now: Vec<(i32, i64)> = days.iter().map(|day| (*day, last)).collect();
    let any: Vec<(i32, i64)> =
        days.iter().enumerate().map(|(at, day)| (*day, last * (i64::try_from(at).unwrap() * 2 + 1) / 15)).collect();
    let system = |system: usize, _: &Project, _: &Booked| Some([system as i64, 0]);
    let questions = [
        Question {
            name: "by system, known now, any date",
            by: &[Dimension::Category],
            filter: Filter::default(),
            key: &system,
            points: now,
            target: "≤ 5 ms at L",
        },
        Question {
            name: "by system, any date, any instant",
            by: &[Dimension::Category],
            filter: Filter::default(),
            key: &system,
            points: any,
            target: "≤ 150 ms at L",
        },
        Question {
            name: "now: system × last year",
            by: &[Dimension::Category, Dimension::EndYear],
            filter: Filter::default(),
            key: &|system, project, _| Some([system as i64, project.end.into()]),
            points: vec![(today, last)],
            target: "≤ 150 ms at L",
        },
        Question {
            name: "now: first year, active in 2026",
            by: &[Dimension::StartYear],
            filter: Filter { active_in: Some(2026), ..Filter::default() },
            key: &|_, project, _| (project.start <= 2026 && 2026 <= project.end).then_some([project.start.into(), 0]),
            points: vec![(today, last)],
            target: "≤ 150 ms at L",
        },
        Question {
            name: "now: by fiscal year",
            by: &[Dimension::Year],
            filter: Filter::default(),
            key: &|_, _, entry| Some([entry.year.into(), 0]),
            points: vec![(today, last)],
            target: "≤ 1 s at M",
        },
        Question {
            name: "now: system × source",
            by: &[Dimension::Category, Dimension::Source],
            filter: Filter::default(),
            key: &|system, _, entry| Some([system as i64, entry.source as i64]),
            points: vec![(today, last)],
            target: "≤ 1 s at M",
        },
        Question {
            name: "now: by system, fiscal year 2025",
            by: &[Dimension::Category],
            filter: Filter { year: vec![Some(2025)], ..Filter::default() },
            key: &|system, _, entry| (entry.year == 2025).then_some([system as i64, 0]),
            points: vec![(today, last)],
            target: "≤ 1 s at M",
        },
        Question {
            name: "fold: by fiscal year, earlier",
            by: &[Dimension::Year],
            filter: Filter::default(),
            key: &|_, _, entry| Some([entry.year.into(), 0]),
            points: vec![(20_241_231, last * 2 / 3)],
            target: "≤ 1 s at M",
        },
        Question {
            name: "fold: system × source, earlier",
            by: &[Dimension::Category, Dimension::Source],
            filter: Filter::default(),
            key: &|system, _, entry| Some([system as i64, entry.source as i64]),
            points: vec![(20_241_231, last * 2 / 3)],
            target: "≤ 1 s at M",
        },
        Question {
            name: "fold: last year of one system, earlier",
            by: &[Dimension::EndYear],
            filter: Filter { category: vec![SLUGS[3].into()], ..Filter::default() },
            key: &|system, project, _| (system == 3).then_some([project.end.into(), 0]),
            points: vec![(20_241_231, last), (20_240_630, last / 2)],
            target: "≤ 1 s at M",
        },
    ];
    for question in questions {
        ask(db, truth, &question);
    }
}

fn ask(db: &Db, truth: &Truth, question: &Question<'_>) {
    let mut runs = Vec::new();
    let (mut folds, mut differences, mut ways) = (Vec::new(), 0, Vec::new());
    for &(day, seq) in &question.points {
        let scope = db
            .read(|conn| {
                Ok(Scope {
                    as_of: Day::from_raw(day)?,
                    known: match seq == truth.last_seq {
                        true => Head::find(conn)?,
                        false => taizhang::journal::store::head_at(conn, seq)?.expect("a row"),
                    },
                    by: question.by.to_vec(),
                    filter: question.filter.clone(),
                })
            })
            .expect("a scope");
        let mut answer = None;
        let one = Instant::now();
        answer.replace(db.read(|conn| rollup(conn, &scope, &Deadline::none())).expect("an answer"));
        let repeat = if one.elapsed() > Duration::from_millis(500) { 3 } else { 15 };
        for _ in 0..repeat {
            let began = Instant::now();
            answer.replace(db.read(|conn| rollup(conn, &scope, &Deadline::none())).expect("an answer"));
            runs.push(began.elapsed());
        }
        let answer = answer.expect("asked");
        ways.push(format!("{:?}", answer.way));
        let found: Sums = answer
            .rows
            .iter()
            .map(|row| {
                let mut keys = [0; 2];
                for ((slot, key), by) in keys.iter_mut().zip(&row.keys).zip(question.by) {
                    *slot = number(*by, key);
                }
                (keys, row.figures.sums.map(|sum| (sum.fen, sum.n)))
            })
            .collect();
        let began = Instant::now();
        let expected = truth.sums(day, seq, question.key);
        folds.push(began.elapsed());
        differences += count_differences(&found, &expected);
    }
    ways.dedup();
    println!(
        "  {:40} {:>12} median of {:3} ({}; target {}); plain fold in memory {}; differences {differences}",
        question.name,
        ms(median(runs.clone())),
        runs.len(),
        ways.join("+"),
        question.target,
        ms(median(folds))
    );
}

fn number(by: Dimension, key: &str) -> i64 {
    match by {
        Dimension::Category => SLUGS.iter().position(|slug| *slug == key).unwrap_or(6) as i64,
        Dimension::Source => SOURCES.iter().position(|source| *source == Some(key)).unwrap_or(2) as i64,
        _ => key.parse().unwrap_or(0),
    }
}

fn count_differences(found: &Sums, expected: &Sums) -> usize {
    let empty = [(0, 0); 6];
    let keys: HashMap<_, ()> = found.keys().chain(expected.keys()).map(|key| (*key, ())).collect();
    keys.keys().filter(|key| found.get(*key).unwrap_or(&empty) != expected.get(*key).unwrap_or(&empty)).count()
}
