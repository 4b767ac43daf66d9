//! Office documents are archives: which one it is, and whether it holds macros, its own table of
//! contents says. Only the directory and that one member are read, within limits.

use super::content::Content;

/// More members than any document of ours; a directory of this many is read in milliseconds.
const MAX_MEMBERS: usize = 10_000;
/// What all members may come to once unpacked: a packed bomb is not handed on to readers.
const MAX_UNPACKED: u64 = 512 * 1024 * 1024;
/// A table of contents with a line for every part of a thousand-page document is far smaller.
const MAX_CONTENTS: usize = 1024 * 1024;

const DIRECTORY_END: &[u8] = b"PK\x05\x06";
const DIRECTORY_ROW: &[u8] = b"PK\x01\x02";
const MEMBER: &[u8] = b"PK\x03\x04";
const CONTENTS: &str = "[Content_Types].xml";

/// A member as the directory tells it.
struct Member<'a> {
    name: &'a [u8],
    method: u16,
    packed: usize,
    unpacked: u64,
    at: usize,
    encrypted: bool,
}

/// Which document it is, or what it is instead.
///
/// 1. It begins with a member: nothing stands before the archive.
/// 2. Its directory is whole, and no member is encrypted.
/// 3. With an `OFD.xml` it is an OFD; with exactly one table of contents an Office document.
/// 4. Nothing in it is a macro or an ActiveX control.
pub(super) fn judge(bytes: &[u8]) -> Result<Content, &'static str> {
    const BROKEN: &str = "损坏的压缩包或文档";
    if !bytes.starts_with(MEMBER) {
        return Err(BROKEN);
    }
    let members = directory(bytes).ok_or(BROKEN)?;
    if members.iter().any(|member| member.encrypted) {
        return Err("加密的压缩包或文档；请去掉密码");
    }
    if members.iter().map(|member| member.unpacked).sum::<u64>() > MAX_UNPACKED {
        return Err("解开后过大的压缩包");
    }
    let contents = named(&members, CONTENTS);
    match contents.as_slice() {
        [] if named(&members, "OFD.xml").len() == 1 => Ok(Content::Ofd),
        [] => Err("压缩包；请解开后逐个附上"),
        [one] => {
            let table = unpack(bytes, one).ok_or(BROKEN)?;
            let table = String::from_utf8(table).map_err(|_| BROKEN)?.to_lowercase();
            office(&table, &members)
        }
        _ => Err(BROKEN),
    }
}

/// The members of a name, however its letters are written.
fn named<'a, 'b>(members: &'a [Member<'b>], name: &str) -> Vec<&'a Member<'b>> {
    members.iter().filter(|member| member.name.eq_ignore_ascii_case(name.as_bytes())).collect()
}

/// Which Office document a table of contents describes.
fn office(table: &str, members: &[Member<'_>]) -> Result<Content, &'static str> {
    let is_macro = |name: &[u8]| {
        let name = name.to_ascii_lowercase();
        name.ends_with(b"vbaproject.bin") || name.windows(8).any(|part| part == b"/activex")
    };
    if ["macroenabled", "vbaproject", "activex"].iter().any(|word| table.contains(word))
        || members.iter().any(|member| is_macro(member.name))
    {
        return Err("带宏的 Office 文件；请另存为不带宏的 docx、xlsx、pptx 或 PDF");
    }
    let kinds = [
        ("wordprocessingml.document.main+xml", Content::Word),
        ("spreadsheetml.sheet.main+xml", Content::Excel),
        ("presentationml.presentation.main+xml", Content::Slides),
    ];
    let mut found = kinds.iter().filter(|(word, _)| table.contains(word)).map(|(_, content)| *content);
    match (found.next(), found.next()) {
        (Some(content), None) => Ok(content),
        _ => Err("不认识的 Office 文件"),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn usize_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32_at(bytes, at)?).ok()
}

/// The members, if the directory at the end is whole. Archives beyond 4 GB have another form,
/// which no file of twenty megabytes needs.
fn directory(bytes: &[u8]) -> Option<Vec<Member<'_>>> {
    const END_SIZE: usize = 22;
    // A comment of at most 65,535 bytes may follow.
    let from = bytes.len().saturating_sub(END_SIZE + usize::from(u16::MAX));
    let end = from + bytes.get(from..)?.windows(4).rposition(|part| part == DIRECTORY_END)?;
    let count = usize::from(u16_at(bytes, end + 10)?);
    let mut at = usize_at(bytes, end + 16)?;
    if count > MAX_MEMBERS {
        return None;
    }
    let mut members = Vec::with_capacity(count);
    for _ in 0..count {
        let row = bytes.get(at..)?;
        if !row.starts_with(DIRECTORY_ROW) {
            return None;
        }
        let (name, extra, comment) = (u16_at(row, 28)?, u16_at(row, 30)?, u16_at(row, 32)?);
        members.push(Member {
            name: row.get(46..46 + usize::from(name))?,
            method: u16_at(row, 10)?,
            packed: usize_at(row, 20)?,
            unpacked: u64::from(u32_at(row, 24)?),
            at: usize_at(row, 42)?,
            encrypted: u16_at(row, 8)? & 1 == 1,
        });
        at = at.checked_add(46 + usize::from(name) + usize::from(extra) + usize::from(comment))?;
    }
    Some(members)
}

/// A member's bytes: stored or deflated, at most [`MAX_CONTENTS`].
fn unpack(bytes: &[u8], member: &Member<'_>) -> Option<Vec<u8>> {
    let own = bytes.get(member.at..)?;
    if !own.starts_with(MEMBER) {
        return None;
    }
    let from = 30 + usize::from(u16_at(own, 26)?) + usize::from(u16_at(own, 28)?);
    let packed = own.get(from..from.checked_add(member.packed)?)?;
    match member.method {
        0 => (packed.len() <= MAX_CONTENTS).then(|| packed.to_vec()),
        8 => miniz_oxide::inflate::decompress_to_vec_with_limit(packed, MAX_CONTENTS).ok(),
        _ => None,
    }
}
