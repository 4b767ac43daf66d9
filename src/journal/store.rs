//! The journal's table, and where a `known_at` lies on it.

use diesel::prelude::*;

use crate::clock::Instant;
use crate::db::schema::journal;
use crate::db::{AnyConnection, GENESIS, Head, Later, Rows};
use crate::error::{Error, Result};

/// A row of the journal as stored.
#[derive(Debug, Clone, PartialEq, Eq, Insertable, Queryable, Selectable)]
#[diesel(table_name = journal)]
pub struct JournalRow {
    /// Gapless from 1.
    pub seq: i64,
    /// Microseconds since the epoch, strictly increasing.
    pub at_us: i64,
    /// Who: an account's id, or the program's own loaders.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// Compact JSON: the digest of the facts, and what a person reads.
    pub payload: String,
    /// The hash of the row before.
    pub previous: String,
    /// The hash of this row.
    pub hash: String,
}

impl JournalRow {
    /// What was odd about what it records and was recorded all the same.
    ///
    /// # Errors
    /// A payload that is not JSON.
    pub fn warnings(&self) -> Result<Vec<String>> {
        let payload: serde_json::Value = serde_json::from_str(&self.payload)
            .map_err(|cause| Error::internal("日志的内容不是 JSON", format!("seq {}: {cause}", self.seq)))?;
        let told = payload["warnings"].as_array().into_iter().flatten();
        Ok(told.filter_map(|text| text.as_str()).map(str::to_owned).collect())
    }
}

impl Later for JournalRow {
    fn statements(rows: &[JournalRow]) -> Result<Vec<Rows>> {
        let values = rows
            .iter()
            .map(|row| {
                vec![
                    row.seq.into(),
                    row.at_us.into(),
                    row.actor.as_str().into(),
                    row.action.as_str().into(),
                    row.subject.as_str().into(),
                    row.payload.as_str().into(),
                    row.previous.as_str().into(),
                    row.hash.as_str().into(),
                ]
            })
            .collect();
        let columns = "seq, at_us, actor, action, subject, payload, previous, hash";
        Ok(vec![Rows::new(format!("INSERT INTO journal ({columns})"), values, "")])
    }
}

/// Rows after `seq`, at most `limit`.
pub fn list_after(conn: &mut AnyConnection, seq: i64, limit: i64) -> Result<Vec<JournalRow>> {
    Ok(journal::table
        .filter(journal::seq.gt(seq))
        .order(journal::seq.asc())
        .limit(limit)
        .select(JournalRow::as_select())
        .load(conn)?)
}

/// Which rows are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// By whom.
    pub actor: Option<String>,
    /// Which action.
    pub action: Option<String>,
    /// To what.
    pub subject: Option<String>,
    /// From this number on.
    pub first: i64,
    /// To this number.
    pub last: i64,
}

/// The rows asked for, newest first, at most `limit`. One condition is read from its index
/// (`journal_actor`, `journal_action`, `journal_subject`, each with the number), none from the
/// numbers themselves: days were made numbers before ([`seq_at`]).
pub fn list_newest(conn: &mut AnyConnection, wanted: &Wanted, limit: i64) -> Result<Vec<JournalRow>> {
    let mut query = journal::table.filter(journal::seq.between(wanted.first, wanted.last)).into_boxed();
    if let Some(actor) = &wanted.actor {
        query = query.filter(journal::actor.eq(actor.clone()));
    }
    if let Some(action) = &wanted.action {
        query = query.filter(journal::action.eq(action.clone()));
    }
    if let Some(subject) = &wanted.subject {
        query = query.filter(journal::subject.eq(subject.clone()));
    }
    Ok(query.order(journal::seq.desc()).limit(limit).select(JournalRow::as_select()).load(conn)?)
}

/// Everybody in the journal: one look into the index for each, never a walk over all rows.
pub fn list_actors(conn: &mut AnyConnection, limit: usize) -> Result<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    while found.len() < limit {
        let after = found.last().cloned().unwrap_or_default();
        let next: Option<String> = journal::table
            .filter(journal::actor.gt(after))
            .order(journal::actor.asc())
            .select(journal::actor)
            .first(conn)
            .optional()?;
        match next {
            Some(next) => found.push(next),
            None => break,
        }
    }
    Ok(found)
}

/// The row of a number.
pub fn find(conn: &mut AnyConnection, seq: i64) -> Result<Option<JournalRow>> {
    Ok(journal::table.filter(journal::seq.eq(seq)).select(JournalRow::as_select()).first(conn).optional()?)
}

/// The head as it was at row `seq` (0: before the first).
pub fn head_at(conn: &mut AnyConnection, seq: i64) -> Result<Option<Head>> {
    if seq == 0 {
        return Ok(Some(Head { seq: 0, at: Instant::from_micros(0), hash: GENESIS.into() }));
    }
    let row: Option<(i64, String)> =
        journal::table.filter(journal::seq.eq(seq)).select((journal::at_us, journal::hash)).first(conn).optional()?;
    Ok(row.map(|(at_us, hash)| Head { seq, at: Instant::from_micros(at_us), hash }))
}

/// The number of the last row recorded at or before `instant`; 0 when there is none.
pub fn seq_at(conn: &mut AnyConnection, instant: Instant) -> Result<i64> {
    let seq: Option<i64> = journal::table
        .filter(journal::at_us.le(instant.micros()))
        .order(journal::at_us.desc())
        .select(journal::seq)
        .first(conn)
        .optional()?;
    Ok(seq.unwrap_or(0))
}

/// The head that `known_at` names: nothing (the latest), an RFC 3339 instant, a date, or `seq:N`.
///
/// # Errors
/// Refuses an instant before the first row, one after now, and a number that does not exist yet.
/// Nobody is told of anything after `latest`: the journal's end, or what was last published.
pub fn resolve_known_at(conn: &mut AnyConnection, known_at: Option<&str>, now: Instant, latest: &Head) -> Result<Head> {
    let Some(text) = known_at else { return Ok(latest.clone()) };
    let refuse = |message: String| Err(Error::invalid("known_at", text, message));
    let range = || format!("可用 seq:1 至 seq:{}", latest.seq);
    if let Some(number) = text.strip_prefix("seq:") {
        return match number.parse::<i64>() {
            Ok(seq) if (1..=latest.seq).contains(&seq) => head_at(conn, seq)?.ok_or_else(|| missing(seq)),
            _ => refuse(format!("没有这一条日志；{}", range())),
        };
    }
    let instant = Instant::parse(text).map_err(|_| {
        Error::invalid("known_at", text, "不是时刻；写成 2025-09-26T18:00:00+08:00、2025-09-26（当日末）或 seq:12")
    })?;
    // A bare date means the end of that day, and today's end is still to come.
    if instant.day() > now.day() {
        return refuse(format!("晚于今天（{}）；只能查已经记录的时刻", now.day()));
    }
    match seq_at(conn, instant)? {
        0 => {
            let first = head_at(conn, 1)?.map_or_else(|| "尚无记录".into(), |head| head.at.rfc3339());
            refuse(format!("早于本库的第一条记录；最早 {first}"))
        }
        seq if seq >= latest.seq => Ok(latest.clone()),
        seq => head_at(conn, seq)?.ok_or_else(|| missing(seq)),
    }
}

fn missing(seq: i64) -> Error {
    Error::internal("日志缺行", format!("journal row {seq} is missing"))
}
