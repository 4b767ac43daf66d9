//! How often one may guess. Pure rules; the counts are rows of `throttle`.

use std::net::IpAddr;

use super::{DAY, HOUR, MINUTE, SECOND, secret};
use crate::clock::Instant;

/// So many failures are free; then each locks, twice as long as the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Failures without consequence.
    pub free: i64,
    /// How long the first further failure locks.
    pub first_us: i64,
    /// No lock is longer.
    pub longest_us: i64,
    /// Failures are forgotten so long after the last of them.
    pub forgotten_us: i64,
}

/// One name from one address. Five slips are human; with a quarter of an hour between guesses some
/// hundred a day are left, against a password of ten signs that is in no list. Nobody elsewhere is
/// locked out by it.
pub const PAIR: Rule = Rule { free: 5, first_us: 30 * SECOND, longest_us: 15 * MINUTE, forgotten_us: DAY };

/// One address, whatever the names: a guesser going through many. Fifty, since a whole office may
/// sit behind one address and come in at nine.
pub const ADDRESS: Rule = Rule { free: 50, first_us: MINUTE, longest_us: HOUR, forgotten_us: HOUR };

/// One name from many addresses: a hundred a day, then a few an hour in all. Addresses from which
/// the person has signed in before are exempt, so that nobody is locked out of their own desk.
pub const ACCOUNT: Rule = Rule { free: 100, first_us: MINUTE, longest_us: 15 * MINUTE, forgotten_us: DAY };

/// Codes and repeated passwords after the first password was right: six digits allow few guesses.
pub const CODE: Rule = Rule { free: 5, first_us: 30 * SECOND, longest_us: 15 * MINUTE, forgotten_us: DAY };

/// What is counted for a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    /// Failures not yet forgotten.
    pub failures: i64,
    /// The last of them.
    pub last_us: i64,
    /// Until when nothing is let in.
    pub until_us: i64,
}

impl State {
    /// Whether nothing is let in at `now`.
    pub fn is_locked(&self, now: Instant) -> bool {
        now.micros() < self.until_us
    }

    /// Whole seconds to wait, at least one.
    pub fn wait_seconds(&self, now: Instant) -> u32 {
        let micros = (self.until_us - now.micros()).max(1);
        u32::try_from((micros + SECOND - 1) / SECOND).unwrap_or(u32::MAX)
    }

    /// After another failure.
    pub fn after_failure(self, rule: &Rule, now: Instant) -> State {
        let now = now.micros();
        let kept = if now - self.last_us > rule.forgotten_us { 0 } else { self.failures };
        let failures = kept.saturating_add(1);
        let over = failures - rule.free;
        let lock = match u32::try_from(over - 1) {
            // Thirty doublings are longer than any lock.
            Ok(doublings) => rule.first_us.saturating_mul(1 << doublings.min(30)).min(rule.longest_us),
            Err(_) => 0,
        };
        State { failures, last_us: now, until_us: now.saturating_add(lock) }
    }
}

/// The key of a name: hashed, since what is typed as a name may be a password.
pub fn account_key(login: &str) -> String {
    format!("account:{}", secret::hash(&login.to_lowercase()))
}

/// The key of an address. An IPv6 address stands for its /64: whoever has one has all of them.
pub fn address_key(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => format!("address:{v4}"),
            None => {
                let [a, b, c, d, ..] = v6.segments();
                format!("address:{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
        _ => format!("address:{address}"),
    }
}

/// The key of a name at an address.
pub fn pair_key(login: &str, address: &str) -> String {
    format!("{} {}", account_key(login), address_key(address))
}

/// The key of what is asked of an account after its password was right.
pub fn code_key(account_id: i64) -> String {
    format!("code:{account_id}")
}
