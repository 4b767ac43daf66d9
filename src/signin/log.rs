//! The access and security log: who tried what, from where. Account numbers and addresses, never a
//! name or a password. A chain of its own, so that an altered, missing or added row shows; rows
//! older than the law wants kept may go, and the rest still verifies.

use sha2::{Digest, Sha256};

use super::store;
use crate::auth::{Action, Actor, authorise};
use crate::clock::Instant;
use crate::db::{AnyConnection, Db};
use crate::error::{Error, Result};
use crate::journal::chain::hex;

/// Named in every hash, so that another form can never be mistaken for this one.
const VERSION: &str = "taizhang-security-v1";

/// Rows are kept at least so long: six months (《网络安全法》第二十一条：不少于六个月), whichever six.
pub const LEAST_DAYS: i64 = 184;
/// How long rows are kept unless a setting says otherwise: a year, so that one audit sees the last.
pub const KEPT_DAYS: i64 = 366;

/// The longest detail; what does not fit is cut.
const MOST_DETAIL: usize = 120;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Signed in.
    SignedIn,
    /// The name or the password was wrong, or the account is disabled.
    Refused,
    /// Too many attempts: not even looked at.
    Throttled,
    /// A one-time code or recovery code was wrong.
    CodeRefused,
    /// A recovery code was used.
    RecoveryUsed,
    /// Signed out.
    SignedOut,
    /// A session was ended by its owner or by the office.
    SessionEnded,
    /// A password was changed by its owner.
    PasswordChanged,
    /// A one-time password was made for someone.
    PasswordReset,
    /// The second factor was switched on.
    TotpOn,
    /// The second factor was switched off.
    TotpOff,
    /// New recovery codes.
    CodesRenewed,
    /// An API token was made.
    TokenCreated,
    /// An API token was revoked.
    TokenRevoked,
    /// A token that is unknown, expired or revoked was shown.
    TokenRefused,
    /// Something was asked for that the role may not.
    Forbidden,
    /// A form came without its token, or with another's.
    Forged,
    /// Old rows of this log went.
    Rotated,
}

impl Kind {
    /// Every kind with the word it is stored under and its name on screen.
    pub const ALL: [(Kind, &'static str, &'static str); 18] = [
        (Kind::SignedIn, "signed_in", "登录"),
        (Kind::Refused, "refused", "登录被拒"),
        (Kind::Throttled, "throttled", "尝试过多"),
        (Kind::CodeRefused, "code_refused", "动态口令或恢复码不对"),
        (Kind::RecoveryUsed, "recovery_used", "用了恢复码"),
        (Kind::SignedOut, "signed_out", "退出"),
        (Kind::SessionEnded, "session_ended", "结束会话"),
        (Kind::PasswordChanged, "password_changed", "改口令"),
        (Kind::PasswordReset, "password_reset", "发一次性口令"),
        (Kind::TotpOn, "totp_on", "启用动态口令"),
        (Kind::TotpOff, "totp_off", "停用动态口令"),
        (Kind::CodesRenewed, "codes_renewed", "换恢复码"),
        (Kind::TokenCreated, "token_created", "建接口令牌"),
        (Kind::TokenRevoked, "token_revoked", "撤销接口令牌"),
        (Kind::TokenRefused, "token_refused", "接口令牌无效"),
        (Kind::Forbidden, "forbidden", "没有权限"),
        (Kind::Forged, "forged", "表单校验不符"),
        (Kind::Rotated, "rotated", "清理旧记录"),
    ];

    /// The word it is stored under.
    pub fn word(self) -> &'static str {
        Kind::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, word, _)| word)
    }

    /// The name on screen of a stored word.
    pub fn label_of(word: &str) -> &'static str {
        Kind::ALL.iter().find(|(_, known, _)| *known == word).map_or("其他", |(.., label)| label)
    }
}

/// Something to be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: Kind,
    /// Whose account, if one is known.
    pub account_id: Option<i64>,
    /// From where; empty for the command line.
    pub address: String,
    /// Which session, token or page; never a name or a secret.
    pub detail: String,
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Gapless.
    pub seq: i64,
    /// Microseconds since the epoch, strictly increasing.
    pub at_us: i64,
    /// See [`Kind`].
    pub kind: String,
    /// Whose.
    pub account_id: Option<i64>,
    /// From where.
    pub address: String,
    /// Which.
    pub detail: String,
    /// The hash of the row before.
    pub previous: String,
    /// Lower-hex SHA-256 of the fields above, each ended by a line feed, after the version.
    pub hash: String,
}

/// Where a log that was rotated begins, and where it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ends {
    /// The last row that went, and its hash: what the first that is left follows.
    pub dropped: (i64, i64, String),
    /// The last row: number, instant, hash.
    pub last: (i64, i64, String),
}

fn hash_of(row: &Row) -> String {
    let account = row.account_id.map(|id| id.to_string()).unwrap_or_default();
    let Row { seq, at_us, kind, address, detail, previous, .. } = row;
    hex(&Sha256::digest(format!("{VERSION}\n{seq}\n{at_us}\n{kind}\n{account}\n{address}\n{detail}\n{previous}\n")))
}

/// Appends a row within a write under way.
pub(super) fn append(conn: &mut AnyConnection, now: Instant, event: &Event) -> Result<()> {
    let (seq, at_us, previous) = store::find_ends(conn)?.last;
    let mut row = Row {
        seq: seq + 1,
        at_us: now.micros().max(at_us + 1),
        kind: event.kind.word().into(),
        account_id: event.account_id,
        address: one_line(&event.address),
        detail: one_line(&event.detail),
        previous,
        hash: String::new(),
    };
    row.hash = hash_of(&row);
    store::append_event(conn, &row)
}

/// What came from outside, on one line: a line feed would break the canonical form.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MOST_DETAIL).collect()
}

/// Logs something that happened by itself.
pub fn record(db: &Db, event: Event) -> Result<()> {
    db.write(move |tx| {
        let now = tx.clock().now();
        append(tx.conn(), now, &event)
    })
}

/// Rows before `seq`, the latest first, at most `limit`.
///
/// # Errors
/// For the office only: addresses are personal data.
pub fn list(conn: &mut AnyConnection, actor: &Actor, before: Option<i64>, limit: i64) -> Result<Vec<Row>> {
    authorise(actor, Action::ManageAccounts)?;
    store::list_events_before(conn, before.unwrap_or(i64::MAX), limit)
}

/// Verifies the whole log; returns how many rows there are.
///
/// # Errors
/// Names the first row that does not fit: altered, missing or added.
pub fn verify(conn: &mut AnyConnection) -> Result<i64> {
    let ends = store::find_ends(conn)?;
    let (mut seq, mut at_us, mut hash) = ends.dropped;
    let mut rows = 0;
    loop {
        let page = store::list_events_after(conn, seq, 1_000)?;
        if page.is_empty() {
            break;
        }
        for row in page {
            let differ = |what: &str| Err(Error::Difference(format!("安全日志第 {} 条：{what}", row.seq)));
            if row.seq != seq + 1 {
                return differ("序号不连续，前面缺了");
            }
            if row.at_us <= at_us {
                return differ("时刻不晚于上一条");
            }
            if row.previous != hash {
                return differ("前一条的哈希对不上");
            }
            if hash_of(&row) != row.hash {
                return differ("内容与哈希不符：这一条被改动过");
            }
            (seq, at_us, hash) = (row.seq, row.at_us, row.hash);
            rows += 1;
        }
    }
    match (seq, at_us, &hash) == (ends.last.0, ends.last.1, &ends.last.2) {
        true => Ok(rows),
        false => Err(Error::Difference(format!("安全日志的最后一条是 {seq}，记下的末条是 {}", ends.last.0))),
    }
}

/// Lets rows go that are older than `days` (never fewer than [`LEAST_DAYS`]); returns how many.
/// The hash of the last that went stays, so that the rest still verifies.
pub fn drop_old(db: &Db, days: i64) -> Result<i64> {
    let days = days.max(LEAST_DAYS);
    db.write(move |tx| {
        let now = tx.clock().now();
        let before = now.micros() - days * super::DAY;
        let conn = tx.conn();
        let dropped = store::drop_events_before(conn, before)?;
        if dropped > 0 {
            let detail = format!("清理 {dropped} 条，均早于 {}", Instant::from_micros(before).day());
            append(conn, now, &Event { kind: Kind::Rotated, account_id: None, address: String::new(), detail })?;
        }
        Ok(dropped)
    })
}
