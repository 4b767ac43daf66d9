//! What a fiscal year's entries come to month by month.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer};

use super::Executed;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::light::store::not_fiscal;
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::{Day, Month};

/// What moved in a month of a fiscal year, of one project: a measure's entries of one posting month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// The project.
    pub project: i64,
    /// The month of its days; what is dated before the year counts in its first month.
    pub month: Month,
    /// The later month it was posted in, when its own was closed.
    pub posted: Option<Month>,
    /// 年度财政预算, 到位 or fiscal 支付.
    pub measure: Measure,
    /// Signed.
    pub amount: Fen,
}

impl Move {
    /// Whether it is a payment.
    pub fn is_paid(&self) -> bool {
        self.measure == Measure::Paid
    }

    /// As a part of what the year came to.
    pub(super) fn executed(&self) -> Result<Executed> {
        let amount = Some(self.amount);
        let nothing = Executed::default();
        match self.measure {
            Measure::Budget => Ok(Executed { budget: amount, ..nothing }),
            Measure::Received => Ok(Executed { received: amount, ..nothing }),
            Measure::Paid => Ok(Executed { paid: amount, ..nothing }),
            other => Err(Error::internal("执行不看这个口径", other.key())),
        }
    }
}

#[derive(QueryableByName)]
struct MoveRow {
    #[diesel(sql_type = BigInt)]
    project_id: i64,
    #[diesel(sql_type = Integer)]
    month: i32,
    #[diesel(sql_type = Integer)]
    posted: i32,
    #[diesel(sql_type = Integer)]
    measure: i32,
    #[diesel(sql_type = BigInt)]
    fen: i64,
}

/// The moves of a month's fiscal year to its end, by what the journal held at `seq`.
pub fn list_moves(conn: &mut AnyConnection, month: Month, seq: i64) -> Result<Vec<Move>> {
    let first = Month::from_raw(month.raw() / 100 * 100 + 1)?;
    let rows: Vec<MoveRow> = sql_query(format!(
        "SELECT project_id, CAST(occurred_on / 100 AS INTEGER) AS month, COALESCE(posted_month, 0) AS posted, measure, \
         CAST(SUM(amount_fen) AS BIGINT) AS fen FROM entry \
         WHERE year = $1 AND seq <= $2 AND occurred_on <= $3 AND (measure IN (3, 4) OR \
         (measure = 6 AND COALESCE(source_id, 0) NOT IN ({}))) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        not_fiscal()
    ))
    .bind::<Integer, _>(month.raw() / 100)
    .bind::<BigInt, _>(seq)
    .bind::<Integer, _>(month.last_day().raw())
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            let measure = Measure::from_code(row.measure)
                .ok_or_else(|| Error::internal("分录的口径无效", row.measure.to_string()))?;
            // A budget is often issued, and money advanced, before its year begins.
            let own = Day::from_raw(row.month * 100 + 1)?.month();
            let posted = (row.posted > 0).then(|| Month::from_raw(row.posted)).transpose()?;
            Ok(Move { project: row.project_id, month: own.max(first), posted, measure, amount: Fen::new(row.fen) })
        })
        .collect()
}
