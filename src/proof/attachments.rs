//! The bytes of every attachment are those that were attached.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::{Differences, Proof};
use crate::db::{AnyConnection, Fact};
use crate::document::attachment::{Attachment, size_words, store};
use crate::error::Result;
use crate::journal::chain::hex;

/// Facts a page; of bytes only one file is in memory at a time.
const CHUNK: i64 = 1_000;

/// What to do when bytes were altered behind the program's back.
const RESTORE: &str = "附件的内容被改动或丢失：停止写入，取最近的备份恢复";

/// Each content's SHA-256 and size, computed again, are those of the facts that name it.
pub(super) fn prove(conn: &mut AnyConnection, progress: &mut dyn FnMut(&str)) -> Result<Proof> {
    let mut differences = Differences::default();
    let mut proved: HashSet<(String, i64)> = HashSet::new();
    let (mut after, mut n, mut total) = (i64::MIN, 0usize, 0usize);
    loop {
        let page = Attachment::list_after(conn, after, CHUNK)?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for held in page {
            n += 1;
            if !proved.insert((held.sha256.clone(), held.size)) {
                continue;
            }
            let named = format!("附件 {}「{}」", held.id, held.name);
            match store::find_bytes(conn, &held.sha256)? {
                None => differences.add(format!("{named}的内容不在库里")),
                Some(bytes) => {
                    total = total.saturating_add(bytes.len());
                    if hex(&Sha256::digest(&bytes)) != held.sha256 {
                        differences.add(format!("{named}的内容与登记的 SHA-256 不符"));
                    } else if i64::try_from(bytes.len()) != Ok(held.size) {
                        differences.add(format!("{named}有 {} 字节，登记的是 {}", bytes.len(), held.size));
                    }
                }
            }
            progress(&format!("核对附件：{n} 个"));
        }
    }
    let detail = format!("逐个重算 SHA-256，共 {}，全部相符", size_words(total));
    Ok(Proof::new("附件的内容与登记时相同", format!("{n} 个附件"), detail, differences, RESTORE))
}
