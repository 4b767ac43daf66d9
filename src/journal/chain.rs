//! The chain's canonical form, version 1, and how it is verified.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::store::JournalRow;
use crate::clock::Instant;
use crate::db::{GENESIS, Head};
use crate::error::{Error, Result};
use crate::money::Fen;

/// Named in every hash, so that another form can never be mistaken for this one.
const VERSION: &str = "taizhang-journal-v1";

/// What a row's hash is made of.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    /// The row's number.
    pub seq: i64,
    /// Its instant in microseconds.
    pub at_us: i64,
    /// Who.
    pub actor: &'a str,
    /// What.
    pub action: &'a str,
    /// To what.
    pub subject: &'a str,
    /// Compact JSON.
    pub payload: &'a str,
    /// The hash of the row before.
    pub previous: &'a str,
}

/// The hash of a row: lower-hex SHA-256 of its fields, each ended by a line feed.
pub fn hash_of(fields: &Fields<'_>) -> String {
    let Fields { seq, at_us, actor, action, subject, payload, previous } = fields;
    hex(&Sha256::digest(format!("{VERSION}\n{seq}\n{at_us}\n{actor}\n{action}\n{subject}\n{payload}\n{previous}\n")))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

/// The digest of one table's facts of one journal row: canonical rows, each ended by a line feed.
#[derive(Debug, Clone, Default)]
pub struct FactDigest {
    hasher: Sha256,
    n: u64,
    sum: Option<Fen>,
}

impl FactDigest {
    /// The next row, in order of id.
    pub fn push(&mut self, canonical: &str) -> Result<()> {
        self.hasher.update(canonical.as_bytes());
        self.hasher.update(b"\n");
        self.n = self.n.checked_add(1).ok_or_else(|| Error::internal("事实过多", "count overflow"))?;
        Ok(())
    }

    /// Money among the rows.
    pub fn add_money(&mut self, amounts: impl IntoIterator<Item = Fen>) -> Result<()> {
        let sum = amounts.into_iter().try_fold(self.sum.unwrap_or(Fen::ZERO), Fen::checked_add)?;
        self.sum = Some(sum);
        Ok(())
    }

    /// `{"n":…,"sha256":"…"}`, with `sum_fen` where there is money.
    pub fn finish(self) -> Value {
        let sha256 = hex(&self.hasher.finalize());
        match self.sum {
            Some(sum) => json!({"n": self.n, "sha256": sha256, "sum_fen": sum.get().to_string()}),
            None => json!({"n": self.n, "sha256": sha256}),
        }
    }
}

/// Verifies rows one after another.
#[derive(Debug, Clone)]
pub struct Verifier {
    head: Head,
}

impl Default for Verifier {
    fn default() -> Self {
        Verifier { head: Head { seq: 0, at: Instant::from_micros(i64::MIN), hash: GENESIS.into() } }
    }
}

impl Verifier {
    /// 1. Numbers have no gap; 2. instants strictly increase; 3. no field holds a control
    ///    character; 4. each row names the hash before it; 5. and has the hash of its own fields.
    pub fn push(&mut self, row: &JournalRow) -> Result<()> {
        let seq = row.seq;
        let differ = |what: String| Err(Error::Difference(format!("日志第 {seq} 条：{what}")));
        if seq != self.head.seq + 1 {
            return differ(format!("序号不连续，上一条是 {}", self.head.seq));
        }
        if row.at_us <= self.head.at.micros() {
            return differ("时刻不晚于上一条".into());
        }
        if [&row.actor, &row.action, &row.subject, &row.payload].iter().any(|text| text.chars().any(char::is_control)) {
            return differ("字段含控制字符".into());
        }
        if row.previous != self.head.hash {
            return differ("前一条的哈希对不上：链条在此断开".into());
        }
        let fields = Fields {
            seq,
            at_us: row.at_us,
            actor: &row.actor,
            action: &row.action,
            subject: &row.subject,
            payload: &row.payload,
            previous: &row.previous,
        };
        if hash_of(&fields) != row.hash {
            return differ("内容与哈希不符：这一条被改动过".into());
        }
        self.head = Head { seq, at: Instant::from_micros(row.at_us), hash: row.hash.clone() };
        Ok(())
    }

    /// Goes on after a row that did not verify, so that later breaks are told too.
    pub fn resume(&mut self, row: &JournalRow) {
        self.head = Head { seq: row.seq, at: Instant::from_micros(row.at_us), hash: row.hash.clone() };
    }

    /// The head so far.
    pub fn head(&self) -> &Head {
        &self.head
    }
}

/// A row as a line of an exported journal (JSON Lines).
pub fn to_line(row: &JournalRow) -> String {
    json!({
        "seq": row.seq,
        "at_us": row.at_us,
        "at": Instant::from_micros(row.at_us).rfc3339(),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "payload": row.payload,
        "previous": row.previous,
        "hash": row.hash,
    })
    .to_string()
}

/// The row of a line of an exported journal; `line` is its number, for the message.
///
/// The line must be the very bytes that [`to_line`] writes: what the hash does not cover (a further
/// key, a key given twice, another `at`) could otherwise tell a reader something else.
pub fn parse_line(line: usize, text: &str) -> Result<JournalRow> {
    let bad = |what: &str| Error::Difference(format!("第 {line} 行：{what}"));
    let value: Value = serde_json::from_str(text).map_err(|error| bad(&format!("不是 JSON（{error}）")))?;
    let number = |key: &str| value.get(key).and_then(Value::as_i64).ok_or_else(|| bad(&format!("缺少整数 {key}")));
    let string = |key: &str| {
        value.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| bad(&format!("缺少文字 {key}")))
    };
    let row = JournalRow {
        seq: number("seq")?,
        at_us: number("at_us")?,
        actor: string("actor")?,
        action: string("action")?,
        subject: string("subject")?,
        payload: string("payload")?,
        previous: string("previous")?,
        hash: string("hash")?,
    };
    if string("at")? != Instant::from_micros(row.at_us).rfc3339() {
        return Err(bad("at 与 at_us 不一致"));
    }
    match to_line(&row) == text {
        true => Ok(row),
        false => Err(bad("写法与导出的不同（多出的键、空格、次序或转义）")),
    }
}
