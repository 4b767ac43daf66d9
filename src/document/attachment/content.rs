//! What a file is, by its bytes.

use super::package;
use crate::error::{Error, Result};

/// A kind of content that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Content {
    /// PDF.
    Pdf,
    /// Word, without macros.
    Word,
    /// Excel, without macros.
    Excel,
    /// PowerPoint, without macros.
    Slides,
    /// 版式文件 (GB/T 33190).
    Ofd,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
    /// Plain text in UTF-8.
    Text,
    /// Plain text in GB18030.
    ChineseText,
    /// A table as text in UTF-8.
    Csv,
    /// A table as text in GB18030.
    ChineseCsv,
}

impl Content {
    /// Every kind: the type it is served as, its name, and how its name may end (the first is given
    /// to a name without an ending).
    pub const ALL: [(Content, &'static str, &'static str, &'static [&'static str]); 12] = [
        (Content::Pdf, "application/pdf", "PDF", &["pdf"]),
        (
            Content::Word,
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "Word 文档",
            &["docx"],
        ),
        (Content::Excel, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel 表格", &["xlsx"]),
        (
            Content::Slides,
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "PowerPoint 演示",
            &["pptx"],
        ),
        (Content::Ofd, "application/ofd", "OFD", &["ofd"]),
        (Content::Jpeg, "image/jpeg", "JPEG 图片", &["jpg", "jpeg"]),
        (Content::Png, "image/png", "PNG 图片", &["png"]),
        (Content::Webp, "image/webp", "WebP 图片", &["webp"]),
        (Content::Text, "text/plain; charset=utf-8", "纯文本", &["txt"]),
        (Content::ChineseText, "text/plain; charset=gb18030", "纯文本", &["txt"]),
        (Content::Csv, "text/csv; charset=utf-8", "CSV 表格", &["csv"]),
        (Content::ChineseCsv, "text/csv; charset=gb18030", "CSV 表格", &["csv"]),
    ];

    fn row(self) -> (&'static str, &'static str, &'static [&'static str]) {
        let found = Content::ALL.iter().find(|(content, ..)| *content == self);
        found.map_or(("application/octet-stream", "文件", &[]), |(_, media, label, endings)| {
            (*media, *label, *endings)
        })
    }

    /// The type it is served as.
    pub fn media_type(self) -> &'static str {
        self.row().0
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        self.row().1
    }

    /// How its name may end, in lower case.
    pub fn endings(self) -> &'static [&'static str] {
        self.row().2
    }

    /// The kind of a stored type; none for one this program never gave.
    pub fn from_media_type(text: &str) -> Option<Content> {
        Content::ALL.iter().find(|(_, media, ..)| *media == text).map(|(content, ..)| *content)
    }
}

/// What users may choose from.
pub const ACCEPTED: &str =
    "PDF、OFD、Word（docx）、Excel（xlsx）、PowerPoint（pptx）、JPEG、PNG、WebP 和纯文本、CSV（UTF-8 或 GB18030）";

/// 1. A signature of ours at the very first byte decides; an archive is opened ([`package`]).
/// 2. Text is accepted unless a browser or a shell would run it.
/// 3. Everything else is refused, named as far as it can be recognised.
pub(super) fn judge(name: &str, bytes: &[u8]) -> Result<Content> {
    recognise(bytes).map_err(|what| refuse(name, what))
}

/// The same without a name: what it is, or what it is instead.
pub fn recognise(bytes: &[u8]) -> std::result::Result<Content, &'static str> {
    let starts = |signature: &[u8]| bytes.starts_with(signature);
    if starts(b"%PDF-") {
        return Ok(Content::Pdf);
    }
    if starts(b"\x89PNG\r\n\x1a\n") && bytes.get(12..16) == Some(b"IHDR") {
        return Ok(Content::Png);
    }
    if starts(&[0xff, 0xd8, 0xff]) {
        return Ok(Content::Jpeg);
    }
    if starts(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(Content::Webp);
    }
    if starts(b"PK") {
        return package::judge(bytes);
    }
    match text(bytes) {
        Some(_) if runs(bytes) => Err("网页、SVG 或脚本，打开时可能执行其中的代码"),
        Some(content) => Ok(content),
        None => Err(recognised(bytes)),
    }
}

fn refuse(name: &str, what: &str) -> Error {
    Error::Unsupported(format!("「{name}」不能附：按内容看是{what}（与文件名的后缀无关）。可以附 {ACCEPTED}"))
}

/// What a refused file is, for whoever chose it.
fn recognised(bytes: &[u8]) -> &'static str {
    use infer::MatcherType;
    let Some(found) = infer::get(bytes) else { return "不认识的格式" };
    match (found.matcher_type(), found.extension()) {
        (MatcherType::App, _) => "可执行程序",
        (_, "msi" | "doc" | "xls" | "ppt") | (MatcherType::Doc, _) => {
            "旧式 Office 文件，里面可能带宏；请另存为 docx、xlsx、pptx 或 PDF"
        }
        (MatcherType::Archive, _) => "压缩包；请解开后逐个附上",
        (MatcherType::Image, _) => "别种图片；请转成 JPEG 或 PNG",
        (MatcherType::Video | MatcherType::Audio, _) => "音像文件",
        _ => "不接受的格式",
    }
}

/// Plain text of either encoding: no control characters but tab, line feed, carriage return.
fn text(bytes: &[u8]) -> Option<Content> {
    let plain = |byte: &u8| *byte >= 0x20 && *byte != 0x7f || matches!(byte, b'\t' | b'\n' | b'\r');
    if !bytes.iter().all(plain) {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if text.chars().all(|c| !c.is_control() || c.is_ascii()) => Some(Content::Text),
        Ok(_) => None,
        Err(_) => is_gb18030(bytes).then_some(Content::ChineseText),
    }
}

/// GB18030: ASCII, pairs, and groups of four.
fn is_gb18030(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [] => return true,
            [0..=0x7f, rest @ ..]
            | [0x81..=0xfe, 0x40..=0x7e | 0x80..=0xfe, rest @ ..]
            | [0x81..=0xfe, 0x30..=0x39, 0x81..=0xfe, 0x30..=0x39, rest @ ..] => rest,
            _ => return false,
        };
    }
}

/// Beginnings that make text a page, a drawing or a script.
const RUNS_AT_START: [&[u8]; 3] = [b"<", b"#!", b"@echo off"];
/// Elements that make it one wherever they stand.
const RUNS_ANYWHERE: [&[u8]; 7] =
    [b"<script", b"<html", b"<!doctype html", b"<svg", b"<iframe", b"<?php", b"javascript:"];

/// Whether a browser, a shell or a script host might run this text. Both encodings keep ASCII as
/// it is, so bytes suffice.
fn runs(bytes: &[u8]) -> bool {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let begins = |with: &[u8]| start.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
    let holds = |part: &[u8]| {
        let first = part.first().copied().unwrap_or_default();
        bytes
            .iter()
            .enumerate()
            .filter(|(_, byte)| byte.eq_ignore_ascii_case(&first))
            .any(|(at, _)| bytes.get(at..at + part.len()).is_some_and(|here| here.eq_ignore_ascii_case(part)))
    };
    RUNS_AT_START.iter().any(|with| begins(with)) || RUNS_ANYWHERE.iter().any(|part| holds(part))
}
