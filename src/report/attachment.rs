//! Attachments on a document's page, and whether a reader may have one.

use std::collections::BTreeSet;

use super::asked::Asked;
use super::table::{Cell, Column, Kind, Row, Table};
use crate::db::AnyConnection;
use crate::document::attachment::content::Content;
use crate::document::attachment::{Attachment, may_read, size_words, store};
use crate::error::Result;
use crate::rollup::list::{self, Order};

/// Those of one document's attachments that this reader may have.
pub fn readable(conn: &mut AnyConnection, asked: &Asked, held: Vec<Attachment>) -> Result<Vec<Attachment>> {
    let Some(first) = held.first() else { return Ok(held) };
    let mut standing = store::standing(conn, first, asked.known.seq)?;
    let own: BTreeSet<i64> = match asked.filter.own {
        Some(_) => list::ids(conn, asked.view_of(&asked.everything()), Order::REGISTERED)?.into_iter().collect(),
        None => BTreeSet::new(),
    };
    let mut kept = Vec::with_capacity(held.len());
    for attachment in held {
        standing.attached = attachment.seq;
        if attachment.seq <= asked.known.seq && may_read(&asked.reader.sight, asked.published, &own, &standing) {
            kept.push(attachment);
        }
    }
    Ok(kept)
}

/// The attachment of an id, if this reader may have it.
pub fn find(conn: &mut AnyConnection, asked: &Asked, id: i64) -> Result<Option<Attachment>> {
    let held = store::find(conn, id)?.into_iter().collect();
    Ok(readable(conn, asked, held)?.pop())
}

/// The attachments of a document.
pub fn table(conn: &mut AnyConnection, asked: &Asked, document_id: i64) -> Result<Table> {
    let held = store::list_of(conn, document_id, asked.known.seq)?;
    let rows: Vec<Row> = readable(conn, asked, held)?.iter().map(row).collect();
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let columns = vec![
        column("名称", Kind::Name, true),
        column("种类", Kind::Text, true),
        column("大小", Kind::Number, true),
        column("SHA-256", Kind::Code, false),
        column("日志", Kind::Code, false),
    ];
    let empty = rows.is_empty().then(|| "没有附原件，或附件尚未公开。".to_owned());
    Ok(Table { id: "attachments".into(), caption: "附件".into(), columns, empty, ..Table::default() }.with_rows(rows))
}

fn row(held: &Attachment) -> Row {
    let kind = Content::from_media_type(&held.media_type).map_or("文件", Content::label);
    let size = usize::try_from(held.size).unwrap_or(usize::MAX);
    Row {
        id: Some(format!("a{}", held.id)),
        cells: vec![
            Cell::link(&held.name, format!("/attachments/{}", held.id)),
            Cell::text(kind),
            Cell::text(size_words(size)),
            Cell::text(held.sha256.chars().take(12).collect::<String>()),
            Cell::text(held.seq.to_string()),
        ],
    }
}
