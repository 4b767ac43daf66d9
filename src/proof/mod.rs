//! 证明: everything kept is computed again from the facts, by code of its own, and compared.

mod attachments;
mod digests;
mod laws;
mod replay;
mod subtotals;
pub mod store;

pub use digests::facts_of;
use serde::{Deserialize, Serialize};

use crate::db::{AnyConnection, Head};
use crate::error::Result;

/// One proof and how it came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// What is proved.
    pub name: String,
    /// How much was compared: 「32 笔分录」.
    pub count: String,
    /// The differences; empty when it holds.
    pub differences: Vec<String>,
    /// Both sides in a sentence, when it holds.
    pub detail: String,
    /// What to run when it does not hold.
    pub run: String,
}

impl Proof {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.differences.is_empty()
    }

    fn new(name: &str, count: String, detail: String, differences: Differences, run: &str) -> Proof {
        Proof { name: name.into(), count, differences: differences.told(), detail, run: run.into() }
    }
}

/// Differences found so far: the first few are told, the rest counted.
#[derive(Debug, Default)]
struct Differences {
    first: Vec<String>,
    more: usize,
}

const TOLD: usize = 5;

impl Differences {
    fn add(&mut self, what: String) {
        if self.first.len() < TOLD { self.first.push(what) } else { self.more += 1 }
    }

    fn told(mut self) -> Vec<String> {
        if self.more > 0 {
            self.first.push(format!("另有 {} 处", self.more));
        }
        self.first
    }
}

/// What to do when facts themselves were altered: nothing of ours can make them again.
const RESTORE: &str = "事实或日志被改动过：停止写入，取最近的备份或导出的日志核对（taizhang verify 文件）";
/// What to do when only kept figures differ.
const REBUILD: &str = "taizhang rebuild";

/// Proves everything at this snapshot. `progress` hears what is being done.
pub fn check(conn: &mut AnyConnection, progress: &mut dyn FnMut(&str)) -> Result<Vec<Proof>> {
    progress("核对日志与事实…");
    let mut proofs = digests::prove(conn, progress)?;
    if proofs.iter().any(|proof| !proof.holds()) {
        // Facts that cannot be trusted prove nothing about what is kept of them.
        proofs.push(laws::claims(conn)?);
        return Ok(proofs);
    }
    progress("逐笔重算合计…");
    // The current rows stand at the last recorded day: nothing is dated after it.
    let head = Head::find(conn)?;
    let replayed = replay::replay(conn, head.at.day(), progress)?;
    proofs.extend(subtotals::prove(conn, &replayed)?);
    progress("核对各种分法…");
    proofs.push(laws::partitions(conn, &replayed)?);
    proofs.push(laws::claims(conn)?);
    proofs.push(laws::references(conn)?);
    proofs.push(attachments::prove(conn, progress)?);
    Ok(proofs)
}
