//! The truth: every entry in memory, folded one by one for each question. Shares no code with
//! the product's totals.

use std::collections::HashMap;

/// A project: its systems as they were told, (seq, from day, system), and its years.
pub struct Project {
    pub moves: Vec<(i64, i32, usize)>,
    pub start: i32,
    pub end: i32,
}

/// An amount. Days are yyyymmdd.
#[derive(Clone, Copy)]
pub struct Booked {
    pub seq: i64,
    pub project: usize,
    pub measure: usize,
    pub year: i32,
    pub source: usize,
    pub day: i32,
    pub fen: i64,
}

/// Everything that was said.
#[derive(Default)]
pub struct Truth {
    pub projects: Vec<Project>,
    pub entries: Vec<Booked>,
    /// The id of each entry in the product; 0 when it must not be reversed.
    pub ids: Vec<i64>,
    pub last_seq: i64,
    pub today: i32,
}

/// (fen, entries) of each measure by key.
pub type Sums = HashMap<[i64; 2], [(i64, i64); 6]>;

impl Truth {
    /// The sums at (day, seq), keyed by `key(project's system then, project, entry)`; an entry
    /// without a key is left out.
    pub fn sums(&self, day: i32, seq: i64, key: impl Fn(usize, &Project, &Booked) -> Option<[i64; 2]>) -> Sums {
        let systems: Vec<usize> = self
            .projects
            .iter()
            .map(|project| {
                let known = project.moves.iter().filter(|(told, from, _)| *told <= seq && *from <= day);
                // Nothing said yet: the seventh.
                known.max_by_key(|(told, from, _)| (*from, *told)).map_or(6, |(_, _, system)| *system)
            })
            .collect();
        let mut sums = Sums::new();
        for entry in self.entries.iter().filter(|entry| entry.seq <= seq && entry.day <= day) {
            if let Some(key) = key(systems[entry.project], &self.projects[entry.project], entry) {
                let slot = &mut sums.entry(key).or_default()[entry.measure];
                *slot = (slot.0 + entry.fen, slot.1 + 1);
            }
        }
        sums
    }
}
