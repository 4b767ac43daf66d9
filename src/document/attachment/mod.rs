//! 附件: files attached to a document. What a file is, its content says, never its name; the bytes
//! are stored once, under their SHA-256, and nothing here changes or takes them away.

pub mod command;
pub mod content;
mod name;
mod package;
pub mod photo;
pub mod store;

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::auth::Sight;
use crate::db::fact;
use crate::error::{Error, Result};
use crate::journal::chain::hex;
use content::Content;

fact! {
    /// A file attached to a document.
    attachment Attachment {
        document_id: i64,
        /// Cleaned; its ending fits its content.
        name: String,
        /// One of [`Content::ALL`].
        media_type: String,
        /// Bytes.
        size: i64,
        /// Lower-hex SHA-256 of the bytes.
        sha256: String,
    }
}

/// A scanned budget of a hundred pages fits; a database with a thousand such stays below 20 GB.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;

/// The limit as users read it.
pub const MAX_WORDS: &str = "20 MB";

/// A file that was judged: nothing else can be attached.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    name: String,
    content: Content,
    sha256: String,
    bytes: Vec<u8>,
}

impl File {
    /// 1. A file is not empty and at most [`MAX_BYTES`]; 2. its content is one of [`Content::ALL`];
    ///    3. its name is cleaned, and ends as such a content's does.
    pub fn judge(name: &str, bytes: Vec<u8>) -> Result<File> {
        if bytes.is_empty() {
            return Err(Error::invalid("file", "", "文件是空的（0 字节）；请选择要附的文件"));
        }
        if bytes.len() > MAX_BYTES {
            return Err(too_large(name, bytes.len()));
        }
        let shown = name::without_path(name);
        let content = content::judge(&shown, &bytes)?;
        let (name, content) = name::fit(&shown, content)?;
        let sha256 = hex(&Sha256::digest(&bytes));
        Ok(File { name, content, sha256, bytes })
    }

    /// The cleaned name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is.
    pub fn content(&self) -> Content {
        self.content
    }

    /// Lower-hex SHA-256 of the bytes.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The refusal of a file that is too large.
pub fn too_large(name: &str, size: usize) -> Error {
    let name = name::without_path(name);
    Error::TooLarge(format!("「{name}」有 {}；每个附件最多 {MAX_WORDS}，请压缩或拆成几个", size_words(size)))
}

/// 「3.2 MB」, 「812 KB」, 「75 字节」; never rounded down to a limit it exceeds.
pub fn size_words(bytes: usize) -> String {
    const KB: usize = 1024;
    const MB: usize = 1024 * KB;
    if bytes < KB {
        return format!("{bytes} 字节");
    }
    let (unit, word) = if bytes < MB { (KB, "KB") } else { (MB, "MB") };
    let tenths = (bytes * 10).div_ceil(unit);
    match tenths % 10 {
        0 => format!("{} {word}", tenths / 10),
        rest => format!("{}.{rest} {word}", tenths / 10),
    }
}

/// What decides who may read an attachment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The journal row that attached it.
    pub attached: i64,
    /// Whether its document is a plan: one whose lines are in the register word for word.
    pub is_plan: bool,
    /// The projects that facts citing its document are about, each with the first such journal row.
    pub cited: Vec<(i64, i64)>,
}

/// Whether an attachment may be read. No setting changes this:
/// 1. whoever sees the whole register reads every attachment;
/// 2. a department reads those of documents cited by a fact about one of its own projects;
/// 3. everyone reads what was attached within the published head, to the plan or to a document
///    that a fact within the published head cites.
///
/// `published` is the number of the published head, 0 when nothing is published; `own` are the
/// projects of the reader's departments.
pub fn may_read(sight: &Sight, published: i64, own: &BTreeSet<i64>, standing: &Standing) -> bool {
    let is_published = standing.attached <= published
        && (standing.is_plan || standing.cited.iter().any(|(_, first)| *first <= published));
    match sight {
        Sight::Whole => true,
        Sight::Departments(_) => is_published || standing.cited.iter().any(|(project, _)| own.contains(project)),
        Sight::Published => is_published,
    }
}
