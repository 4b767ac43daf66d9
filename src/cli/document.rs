//! `taizhang document …`

use std::fs::File as Disk;
use std::io::Read;

use super::args::{Paper, Shared};
use super::{open, print};
use crate::auth::Actor;
use crate::document::attachment::command::attach;
use crate::document::attachment::{File, MAX_BYTES, size_words};
use crate::error::{Error, Result};

pub(super) fn run(shared: &Shared, command: Paper) -> Result<()> {
    let Paper::Attach { file: path, document } = command;
    let shown = path.display().to_string();
    let failed = |cause: std::io::Error| Error::invalid("file", shown.clone(), format!("读不了这个文件：{cause}"));
    let mut bytes = Vec::new();
    // One byte more than is accepted: a file that is larger is known to be, and not read whole.
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    Disk::open(&path).map_err(failed)?.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let file = File::judge(&name, bytes)?;
    let told = format!("{}（{}，{}）", file.name(), file.content().label(), size_words(file.bytes().len()));
    let attached = open(shared)?.write(move |tx| attach(tx, &Actor::operator(), &document, file))?;
    let (held, head) = (attached.attachment, attached.head);
    print(&format!(
        "已附上附件 {}：{told}，SHA-256 {}，日志 {} {}\n",
        held.id,
        held.sha256,
        head.seq,
        head.at.rfc3339()
    ));
    Ok(())
}
