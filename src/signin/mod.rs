//! 登录: passwords, second factors, sessions, tokens, and the log of who tried. Operational
//! tables: none of this can change an answer, so none of it is in the journal.
//!
//! Expensive work (hashing) is done on the caller's thread, never on the writing one; what is
//! decided from it is decided again inside the write, where nothing can come between.

mod attempt;
pub mod first;
pub mod log;
mod manage;
mod own;
pub mod password;
mod secret;
mod session;
pub mod store;
pub mod throttle;
mod token;
pub mod totp;

pub use attempt::{Attempt, SignedIn, give_code, sign_in};
pub use log::{Event, Kind};
pub use manage::{Issued, create_account, end_sessions_of, reset_password};
pub use own::{
    begin_totp, change_password, confirm_totp, disable_totp, end_other_sessions, end_session, renew_recovery_codes,
};
pub use session::{Signed, find_session, is_open, rotate, sign_out, touch};
pub use store::{SessionRow, TokenRow};
pub use token::{NewToken, create_token, create_token_for, find_token, list_tokens, revoke_token, touch_token};

use crate::clock::Instant;
use crate::db::AnyConnection;
use crate::error::Result;
use crate::period::Day;
use crate::setting;

/// So many seconds as microseconds.
pub const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How long what is given at sign-in lasts, as the office sets it ([`Limits::held`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A session unused for so long has ended. Two hours: a form begun before lunch can still be
    /// sent, a desk left for the day cannot be used by the next person (NIST SP 800-63B allows one
    /// hour at AAL2 as a recommendation; office machines lock themselves long before).
    pub idle_us: i64,
    /// No session lasts longer, however busy. Twelve hours: one sign-in a working day.
    pub absolute_us: i64,
    /// Passwords older than so many days must be changed. None: never, which is the advice of ASVS
    /// 6.2.10; a district that is bound by its own rules can set it.
    pub password_days: Option<u32>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { idle_us: 2 * HOUR, absolute_us: 12 * HOUR, password_days: None }
    }
}

impl Limits {
    /// The limits that the settings of a day state.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn held(conn: &mut AnyConnection, day: Day) -> Result<Limits> {
        let mut number = |name| setting::number(conn, name, day, i64::MAX);
        let most = Limits::default();
        Ok(Limits {
            idle_us: number(setting::SESSION_IDLE_MINUTES)?.map_or(most.idle_us, |minutes| minutes * MINUTE),
            absolute_us: number(setting::SESSION_HOURS)?.map_or(most.absolute_us, |hours| hours * HOUR),
            password_days: number(setting::PASSWORD_MAX_AGE_DAYS)?.and_then(|days| u32::try_from(days).ok()),
        })
    }

    /// Whether a password set at `changed` has grown too old by `now`.
    pub fn is_too_old(&self, changed: Instant, now: Instant) -> bool {
        self.password_days.is_some_and(|days| now.micros() - changed.micros() > i64::from(days) * DAY)
    }
}
