//! The files the browser asks for besides pages, compiled into the binary.

use std::borrow::Cow;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// A static file with what its response needs.
#[derive(Debug)]
pub struct Asset {
    /// The file.
    pub bytes: Cow<'static, [u8]>,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// The first sixteen digits of its SHA-256: strong `ETag`, and `?v=` of its address.
    pub version: String,
}

/// The file of that name under `static/`, if there is one we serve.
pub fn find(name: &str) -> Option<Asset> {
    let content_type = match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => return None,
    };
    let file = Files::get(name)?;
    let version = file.metadata.sha256_hash().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Some(Asset { bytes: file.data, content_type, version })
}

/// The address of a static file, which changes with its content and may be cached for ever.
pub fn address(name: &str) -> String {
    match find(name) {
        Some(asset) => format!("/static/{name}?v={}", asset.version),
        None => format!("/static/{name}"),
    }
}
