//! The rules of money at a command: what a project's funds would be, and what the office has set about each rule.
//!
//! Whoever signs in is held to them. The loader and whoever runs the program on its machine record what has
//! happened; what is wrong with it then shows as an error in the data.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::command::{NewEntry, Paired};
use super::rule::{Breach, Cost, Funds, Place, Rule, breaches};
use super::{Entry, Kind, store};
use crate::auth::Actor;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::{Day, Year};
use crate::project::{self, Attribute};
use crate::setting::{self, rules as words};

/// What the rules are on the day of a command.
pub(super) struct Rules {
    /// Only those who have signed in are held to them.
    holds: bool,
    set: HashMap<String, String>,
}

impl Rules {
    pub(super) fn load(recording: &mut Recording<'_, '_>, actor: &Actor) -> Result<Rules> {
        let holds = actor.is_account();
        let (today, seq) = (recording.today(), recording.seq());
        let set = if holds { setting::all_set(recording.tx().conn(), today, seq)? } else { HashMap::new() };
        Ok(Rules { holds, set })
    }

    fn value(&self, name: &str) -> &str {
        let default = || setting::known(name).map_or("ignore", |known| known.default);
        self.set.get(name).map_or_else(default, String::as_str)
    }

    /// The receipt that a payment brings along.
    pub(super) fn receipt(&self, new: &NewEntry, paired: Paired) -> Option<NewEntry> {
        let source = new.source.as_deref()?;
        let is_wanted = match paired {
            Paired::No => false,
            Paired::Yes => true,
            Paired::BySource => self.value(words::PAIRED_SOURCES).split('、').any(|code| code == source),
        };
        let is_payment = new.measure == Measure::Paid && new.kind == Kind::Original;
        (is_wanted && is_payment).then(|| {
            let note =
                if new.note.is_empty() { "国库集中支付，随支付记到位".into() } else { new.note.clone() };
            NewEntry { measure: Measure::Received, note, ..new.clone() }
        })
    }

    /// Holds what was added against the rules.
    ///
    /// # Errors
    /// What the office has set to be refused.
    pub(super) fn check(
        &self,
        recording: &mut Recording<'_, '_>,
        new: &[NewEntry],
        added: &[Entry],
    ) -> Result<Vec<String>> {
        if !self.holds {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        let ids: BTreeMap<&str, i64> =
            new.iter().zip(added).map(|(new, entry)| (new.project.as_str(), entry.project_id)).collect();
        for (code, id) in ids {
            let own: Vec<&NewEntry> = new.iter().filter(|new| new.project == code).collect();
            let today = recording.today();
            let seq = recording.seq();
            let funds = funds(recording.tx().conn(), (code, id), &own, today, seq)?;
            found.extend(breaches(&own, &funds)?);
        }
        for entry in added {
            if store::is_repeated(recording.tx().conn(), entry)? {
                let measure = Measure::from_code(entry.measure).map_or("", Measure::label);
                let (on, amount) = (Day::from_raw(entry.occurred_on)?, Fen::new(entry.amount_fen).wan_words());
                let message = format!("同一文件、同一天（{on}）、同一金额（{amount} 万元）的{measure}已经记过");
                found.push(Breach { rule: Rule::Repeated, message });
            }
        }
        self.sort_out(found)
    }

    /// The same of what is taken back.
    pub(super) fn check_back(&self, recording: &mut Recording<'_, '_>, added: &[Entry]) -> Result<Vec<String>> {
        if !self.holds {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        let ids: BTreeSet<i64> = added.iter().map(|entry| entry.project_id).collect();
        for id in ids {
            let project = project::store::find_by_id(recording.tx().conn(), id)?
                .ok_or_else(|| Error::internal("分录没有项目", id.to_string()))?;
            let own = added.iter().filter(|entry| entry.project_id == id);
            let own =
                own.map(|entry| taken_back(recording.tx().conn(), &project.code, entry)).collect::<Result<Vec<_>>>()?;
            let own: Vec<&NewEntry> = own.iter().collect();
            let (today, seq) = (recording.today(), recording.seq());
            let funds = funds(recording.tx().conn(), (&project.code, id), &own, today, seq)?;
            found.extend(breaches(&own, &funds)?);
        }
        self.sort_out(found)
    }

    fn sort_out(&self, found: Vec<Breach>) -> Result<Vec<String>> {
        let deed = |rule: Rule| {
            let name = Rule::ALL.iter().find(|(known, _)| *known == rule).map_or("", |(_, name)| name);
            self.value(name)
        };
        let refused: Vec<&str> =
            found.iter().filter(|one| deed(one.rule) == "block").map(|one| one.message.as_str()).collect();
        match refused.is_empty() {
            false => Err(Error::Conflict(refused.join("；"))),
            true => Ok(found.iter().filter(|one| deed(one.rule) == "warn").map(|one| one.message.clone()).collect()),
        }
    }
}

fn taken_back(conn: &mut AnyConnection, code: &str, entry: &Entry) -> Result<NewEntry> {
    let source = match entry.source_id {
        None => None,
        Some(id) => project::store::list_sources(conn)?.into_iter().find(|source| source.id == id),
    };
    Ok(NewEntry {
        project: code.to_owned(),
        measure: Measure::from_code(entry.measure)
            .ok_or_else(|| Error::internal("分录的口径无效", entry.measure.to_string()))?,
        kind: Kind::Reversal,
        year: entry.year.map(|year| Year::parse(&year.to_string())).transpose()?,
        source: source.map(|source| source.code),
        amount: Fen::new(entry.amount_fen),
        occurred_on: Day::from_raw(entry.occurred_on)?,
        reason: entry.reason_code.clone(),
        is_estimate: false,
        note: String::new(),
    })
}

/// A project's funds as they stand in this command, what it adds among them.
fn funds(conn: &mut AnyConnection, (code, id): (&str, i64), new: &[&NewEntry], today: Day, seq: i64) -> Result<Funds> {
    let sources = project::store::list_sources(conn)?;
    let codes: HashMap<i64, &str> = sources.iter().map(|source| (source.id, source.code.as_str())).collect();
    let mut funds = Funds {
        sources: sources.iter().map(|source| (source.code.clone(), source.name.clone())).collect(),
        ..Funds::default()
    };
    for part in store::list_parts(conn, id, Day::LAST, seq)? {
        let source = part.source_id.and_then(|id| codes.get(&id)).map(|code| (*code).to_owned());
        let place = Place { measure: part.measure, year: part.year, source };
        *funds.places.entry(place).or_default() += i128::from(part.sum.fen);
    }
    for one in new.iter().filter(|one| one.amount < Fen::ZERO) {
        let month = one.occurred_on.month();
        let days = (month.first_day().raw(), month.last_day().raw());
        let sum = store::sum_of(conn, id, one.measure, (0, i32::MAX), days, seq)?;
        funds.months.insert((one.measure, month), i128::from(sum.fen));
    }
    let state = project::store::find_state(conn, code, today, seq)?;
    funds.first_year = state.as_ref().and_then(|state| state.year(Attribute::StartYear));
    let approved = state.as_ref().and_then(project::ProjectState::approved_cost);
    let estimate = funds.places.iter().filter(|(place, _)| place.measure == Measure::Investment).map(|(_, fen)| fen);
    let estimate = i64::try_from(estimate.sum::<i128>()).ok().filter(|fen| *fen > 0);
    funds.cost = match (approved, estimate) {
        (Some(amount), _) => Some(Cost { amount, is_approved: true }),
        (None, Some(fen)) => Some(Cost { amount: Fen::new(fen), is_approved: false }),
        (None, None) => None,
    };
    Ok(funds)
}
