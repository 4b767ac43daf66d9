//! What was said, and the slow, plain answer to any question about it: everything that was
//! said by then is looked at again, one by one.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use taizhang::milestone::FactKind;

/// A project and when it was registered.
pub struct Registered {
    pub code: String,
    pub on: NaiveDate,
    pub seq: i64,
}

/// Something said of a project.
pub struct Said {
    pub seq: i64,
    pub project: String,
    pub attribute: &'static str,
    pub on: NaiveDate,
    pub value: String,
    pub withdrawn: Option<i64>,
}

/// An amount.
pub struct Booked {
    pub seq: i64,
    pub id: i64,
    pub project: String,
    pub measure: usize,
    pub year: Option<i32>,
    pub source: Option<String>,
    pub fen: i64,
    pub on: NaiveDate,
}

/// Something said of a milestone.
pub struct Passed {
    pub seq: i64,
    pub project: String,
    pub milestone: String,
    pub kind: FactKind,
    pub on: NaiveDate,
    pub effective: NaiveDate,
    pub withdrawn: Option<i64>,
}

/// Everything that was said, in the order it was said.
#[derive(Default)]
pub struct Truth {
    pub projects: Vec<Registered>,
    pub said: Vec<Said>,
    pub booked: Vec<Booked>,
    pub passed: Vec<Passed>,
}

/// Grouped by which words, over which (dimension, key), at which date, known at which number.
pub struct Question<'a> {
    pub by: &'a [&'static str],
    pub only: Option<(&'static str, &'a str)>,
    pub on: NaiveDate,
    pub known: i64,
}

/// (fen, entries) of each measure; projects; milestones planned, due, met, late.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    pub sums: [(i64, i64); 6],
    pub projects: i64,
    pub milestones: [i64; 4],
}

impl Truth {
    /// The answer, group by group; groups of which nothing is known are absent.
    pub fn answer(&self, question: &Question<'_>) -> BTreeMap<Vec<String>, Answer> {
        let mut groups: BTreeMap<Vec<String>, Answer> = BTreeMap::new();
        for project in &self.projects {
            let key = |year: Option<Option<i32>>, source: Option<&Option<String>>| {
                let of = |dimension: &str| match (dimension, year, source) {
                    ("year", Some(year), _) => year.map_or("none".into(), |year| year.to_string()),
                    ("source", _, Some(source)) => source.clone().unwrap_or_else(|| "none".into()),
                    _ => self.value(&project.code, dimension, question),
                };
                let fits = question.only.is_none_or(|(dimension, key)| of(dimension) == key);
                fits.then(|| question.by.iter().map(|dimension| of(dimension)).collect::<Vec<_>>())
            };
            let registered = project.seq <= question.known && project.on <= question.on;
            if let Some(key) = key(None, None).filter(|_| registered) {
                groups.entry(key).or_default().projects += 1;
            }
            for entry in self
                .booked
                .iter()
                .filter(|entry| entry.project == project.code && entry.seq <= question.known && entry.on <= question.on)
            {
                if let Some(key) = key(Some(entry.year), Some(&entry.source)) {
                    let sum = &mut groups.entry(key).or_default().sums[entry.measure];
                    *sum = (sum.0 + entry.fen, sum.1 + 1);
                }
            }
            for counted in self.milestones(&project.code, question) {
                if let Some(key) = key(None, None) {
                    let counts = &mut groups.entry(key).or_default().milestones;
                    for (count, more) in counts.iter_mut().zip(counted) {
                        *count += i64::from(more);
                    }
                }
            }
        }
        groups.retain(|_, answer| *answer != Answer::default());
        groups
    }

    /// Among what was said by then, not taken back by then: the latest of the latest date.
    fn value(&self, project: &str, dimension: &str, question: &Question<'_>) -> String {
        let attribute = match dimension {
            "department" => "lead_department",
            other => other,
        };
        self.said
            .iter()
            .filter(|said| said.project == project && said.attribute == attribute)
            .filter(|said| said.seq <= question.known && said.on <= question.on)
            .filter(|said| said.withdrawn.is_none_or(|seq| seq > question.known))
            .max_by_key(|said| (said.on, said.seq))
            .map(|said| said.value.clone())
            .filter(|value| !value.is_empty())
            .unwrap_or_else(|| "none".into())
    }

    /// Of each milestone: planned, due, met, late.
    fn milestones(&self, project: &str, question: &Question<'_>) -> Vec<[bool; 4]> {
        let mut known: Vec<&Passed> = self
            .passed
            .iter()
            .filter(|fact| fact.project == project && fact.seq <= question.known && fact.effective <= question.on)
            .filter(|fact| fact.withdrawn.is_none_or(|seq| seq > question.known))
            .collect();
        known.sort_by_key(|fact| (fact.effective, fact.seq));
        let mut states: BTreeMap<&str, (Option<NaiveDate>, bool)> = BTreeMap::new();
        for fact in known {
            let state = states.entry(&fact.milestone).or_default();
            match fact.kind {
                FactKind::Plan => state.0 = Some(fact.on),
                FactKind::Forecast => {}
                FactKind::Met => state.1 = true,
                FactKind::Reopened => state.1 = false,
            }
        }
        states
            .into_values()
            .map(|(planned, met)| {
                let due = planned.is_some_and(|planned| planned <= question.on);
                let late = !met && planned.is_some_and(|planned| planned < question.on);
                [planned.is_some(), due, met, late]
            })
            .collect()
    }
}
