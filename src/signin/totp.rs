//! The second factor: six digits of the half minute (RFC 6238), and codes for when the phone is lost.

use data_encoding::BASE32_NOPAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::{Color, EcLevel, QrCode};
use totp_rs::{Builder, Totp};

use super::{SECOND, secret};
use crate::clock::Instant;
use crate::error::{Error, Result};

/// Codes for when the phone is lost.
pub const RECOVERY_CODES: usize = 10;
const ISSUER: &str = "台账";

/// A new secret of 160 bits, as RFC 4226 recommends, in base 32.
pub fn new_secret() -> Result<String> {
    Ok(BASE32_NOPAD.encode(&secret::random::<20>()?))
}

/// The step of a right code: of this half minute or a neighbouring one, and later than `last_step`,
/// so that no code is good twice.
pub fn check(secret: &str, code: &str, now: Instant, last_step: i64) -> Result<Option<i64>> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let seconds = u64::try_from(now.micros() / SECOND).unwrap_or(0);
    let step = totp(secret)?.check(&code, seconds).and_then(|step| i64::try_from(step).ok());
    Ok(step.filter(|step| *step > last_step))
}

/// The code of an instant: what a phone would show.
pub fn code_at(secret: &str, now: Instant) -> Result<String> {
    let seconds = u64::try_from(now.micros() / SECOND).unwrap_or(0);
    Ok(totp(secret)?.generate(seconds).to_string())
}

fn totp(secret: &str) -> Result<Totp> {
    let failed = |cause: String| Error::internal("动态口令的密钥读不出", cause);
    let bytes = BASE32_NOPAD.decode(secret.as_bytes()).map_err(|error| failed(error.to_string()))?;
    Builder::new().with_secret(bytes).build().map_err(|error| failed(error.to_string()))
}

/// What the phone's application reads.
pub fn address(secret: &str, login: &str) -> String {
    let written = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (issuer, login) = (written(ISSUER), written(login));
    format!("otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}")
}

/// A QR code as the data of an SVG path, one unit a module, with the side of the square it fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    /// Modules a side, with the quiet zone of four around.
    pub side: usize,
    /// The dark modules, as rows of rectangles.
    pub path: String,
}

/// Four light modules around, as the standard wants.
const QUIET: usize = 4;

/// Draws a text as a QR code.
pub fn qr(text: &str) -> Result<Qr> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|error| Error::internal("二维码画不出", error.to_string()))?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|color| **color == Color::Dark).count();
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
            }
            x += run.max(1);
        }
    }
    Ok(Qr { side: width + 2 * QUIET, path })
}

/// Ten codes of 25 readable signs: 123 bits each, so that a plain hash may be stored (ASVS 6.5.2).
pub fn new_recovery_codes() -> Result<Vec<String>> {
    (0..RECOVERY_CODES).map(|_| secret::readable(5, 5)).collect()
}
