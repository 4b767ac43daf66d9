//! Requests and their answers.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{Request, RequestAnswer, Told};
use crate::clock::Instant;
use crate::db::AnyConnection;
use crate::db::schema::{journal, project_now, request, request_answer};
use crate::error::Result;
use crate::subtotal::Sum;

/// The request of an id.
pub fn find(conn: &mut AnyConnection, id: i64) -> Result<Option<Told>> {
    let found: Option<Request> =
        request::table.filter(request::id.eq(id)).select(Request::as_select()).first(conn).optional()?;
    Ok(match found {
        Some(found) => told(conn, vec![found])?.pop(),
        None => None,
    })
}

/// The requests before an id, newest first, at most `limit`.
pub fn list(conn: &mut AnyConnection, before: i64, limit: i64) -> Result<Vec<Told>> {
    let found: Vec<Request> = request::table
        .filter(request::id.lt(before))
        .order(request::id.desc())
        .limit(limit)
        .select(Request::as_select())
        .load(conn)?;
    told(conn, found)
}

/// How many requests can still be answered on a day.
pub fn count_waiting(conn: &mut AnyConnection, today: crate::period::Day) -> Result<i64> {
    let answered = request_answer::table.filter(request_answer::request_id.eq(request::id));
    Ok(request::table
        .filter(request::expires_on.ge(today.raw()))
        .filter(diesel::dsl::not(diesel::dsl::exists(answered)))
        .count()
        .get_result(conn)?)
}

fn told(conn: &mut AnyConnection, requests: Vec<Request>) -> Result<Vec<Told>> {
    let ids: Vec<i64> = requests.iter().map(|request| request.id).collect();
    let answers: Vec<RequestAnswer> = request_answer::table
        .filter(request_answer::request_id.eq_any(&ids))
        .select(RequestAnswer::as_select())
        .load(conn)?;
    let seqs: Vec<i64> = requests.iter().map(|r| r.seq).chain(answers.iter().map(|a| a.seq)).collect();
    let rows: Vec<(i64, String, i64)> = journal::table
        .filter(journal::seq.eq_any(&seqs))
        .select((journal::seq, journal::actor, journal::at_us))
        .load(conn)?;
    let who: HashMap<i64, (String, Instant)> =
        rows.into_iter().map(|(seq, actor, at)| (seq, (actor, Instant::from_micros(at)))).collect();
    let of = |seq: i64| who.get(&seq).cloned().unwrap_or_else(|| (String::new(), Instant::from_micros(0)));
    let mut answers: HashMap<i64, RequestAnswer> = answers.into_iter().map(|a| (a.request_id, a)).collect();
    Ok(requests
        .into_iter()
        .map(|request| {
            let (asked_by, asked_at) = of(request.seq);
            let answer = answers.remove(&request.id).map(|answer| {
                let (by, at) = of(answer.seq);
                (answer, by, at)
            });
            Told { request, asked_by, asked_at, answer }
        })
        .collect())
}

/// What is on the register as a project's investment now.
pub fn investment(conn: &mut AnyConnection, project_id: i64) -> Result<Sum> {
    let row: Option<(i64, i64)> = project_now::table
        .filter(project_now::project_id.eq(project_id))
        .select((project_now::investment_fen, project_now::investment_n))
        .first(conn)
        .optional()?;
    Ok(row.map_or_else(Sum::default, |(fen, n)| Sum { fen, n }))
}
