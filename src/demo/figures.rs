//! Invented amounts: always the same ones, whole 万元, within the estimate.

use crate::error::Result;
use crate::money::Fen;

const WAN: i64 = 1_000_000;

/// A number in `low..=high` that depends on the project and a purpose only.
pub(super) fn pick(no: i32, purpose: u64, low: i64, high: i64) -> i64 {
    let mut x = u64::from(no.unsigned_abs())
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(purpose.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    x ^= x >> 29;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^= x >> 32;
    let span = u64::try_from(high - low + 1).unwrap_or(1);
    low + i64::try_from(x % span).unwrap_or(0)
}

/// So many percent of an amount, down to whole 万元 (at least one).
pub(super) fn percent(amount: Fen, percent: i64) -> Result<Fen> {
    let wan = i128::from(amount.get()) * i128::from(percent) / 100 / i128::from(WAN);
    let wan = i64::try_from(wan.max(1)).unwrap_or(1);
    Ok(Fen::new(wan * WAN))
}
