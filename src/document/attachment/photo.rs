//! 现场照片: what a camera gives, made fit to be kept. A phone writes where it stood, when, whose it
//! is and sometimes a film into the file; none of that is needed to see a building site, and once
//! published it cannot be called back. So a photo is not cleaned but made anew: decoded to pixels,
//! turned upright, scaled down and encoded again. Nothing but pixels goes through.

use std::io::Cursor;
use std::sync::{Mutex, PoisonError};

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};

use super::content::{self, Content};
use super::{File, MAX_BYTES, name, size_words, too_large};
use crate::error::{Error, Result};

/// 5,200 万: the largest picture phones take in daily use (8,192 × 6,144) fits. Fifty thousand by
/// fifty thousand would be 7.5 GB of memory; it is refused by what its header says, before a pixel is read.
pub const MAX_PIXELS: u64 = 52_000_000;

/// A panorama of a river bank fits; a strip one pixel high and a million long is no photo.
pub const MAX_SIDE: u32 = 30_000;

/// The longer side of what is kept: it fills an A4 page in print at 180 dots an inch and any screen
/// in use, and a photo stays well below a megabyte.
pub const LONGEST: u32 = 2_048;

/// Where a second encoding is not seen on a photo of a site, and half the size of 95.
const QUALITY: u8 = 82;

/// What decoding may take: [`MAX_PIXELS`] with colour and transparency.
const MAX_MEMORY: u64 = 4 * MAX_PIXELS;

/// Up to here scaling weighs neighbours and needs sixteen bytes a pixel between; beyond, every pixel
/// goes to exactly one, which at such a factor looks the same and needs none.
const WEIGHED: u32 = 3 * LONGEST;

/// What users may choose from.
pub const ACCEPTED: &str = "JPEG、PNG 或 WebP";

/// One at a time: four uploads decoding at once would take a gigabyte, one after the other each
/// waits half a second.
static DECODING: Mutex<()> = Mutex::new(());

/// A photo made anew: a JPEG without anything but its pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// Upright, in pixels.
    pub width: u32,
    /// Upright, in pixels.
    pub height: u32,
}

/// Makes a photo anew. `shown` is its name, for the refusals alone.
///
/// 1. It is a JPEG, a PNG or a WebP by its content, at most [`MAX_BYTES`].
/// 2. Its header promises at most [`MAX_PIXELS`], no side above [`MAX_SIDE`].
/// 3. It is decoded; of a moving picture the first frame.
/// 4. Its longer side becomes at most [`LONGEST`]; it is never made larger.
/// 5. It is turned as the camera says it was held; what is transparent becomes white.
/// 6. It is encoded as a JPEG with nothing else in it.
pub fn clean(shown: &str, bytes: &[u8]) -> Result<Photo> {
    if bytes.is_empty() {
        return Err(Error::invalid("file", "", "照片是空的（0 字节）；请重新选择"));
    }
    if bytes.len() > MAX_BYTES {
        return Err(too_large(shown, bytes.len()));
    }
    let shown = name::without_path(shown);
    let format = format_of(&shown, bytes)?;
    let _turn = DECODING.lock().unwrap_or_else(PoisonError::into_inner);
    let (picture, held) = decode(&shown, bytes, format)?;
    let mut picture = scaled(picture);
    picture.apply_orientation(held);
    let flat = on_white(&picture);
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, QUALITY)
        .encode_image(&flat)
        .map_err(|error| Error::internal("照片存不成 JPEG", error.to_string()))?;
    Ok(Photo { bytes: out, width: flat.width(), height: flat.height() })
}

/// A photo as a file to attach: made anew, and named as the JPEG it now is.
pub fn judge(file_name: &str, bytes: &[u8]) -> Result<File> {
    let photo = clean(file_name, bytes)?;
    let shown = name::without_path(file_name);
    let stem = match shown.rsplit_once('.') {
        Some((stem, ending)) if ["jpg", "jpeg", "png", "webp"].contains(&ending.to_lowercase().as_str()) => stem,
        _ => &shown,
    };
    let stem = if stem.is_empty() { "照片" } else { stem };
    File::judge(&format!("{stem}.jpg"), photo.bytes)
}

fn format_of(shown: &str, bytes: &[u8]) -> Result<ImageFormat> {
    if is_heif(bytes) {
        let how = "在手机“设置—相机—格式”里选“兼容性最佳”，或转成 JPEG";
        return Err(Error::Unsupported(format!("「{shown}」是 HEIC 照片，不能用：{how}")));
    }
    match content::judge(shown, bytes)? {
        Content::Jpeg => Ok(ImageFormat::Jpeg),
        Content::Png => Ok(ImageFormat::Png),
        Content::Webp => Ok(ImageFormat::WebP),
        other => Err(Error::Unsupported(format!(
            "「{shown}」不是照片：按内容看是{}（与文件名的后缀无关）。照片用 {ACCEPTED}",
            other.label()
        ))),
    }
}

/// What iPhones take unless told otherwise.
fn is_heif(bytes: &[u8]) -> bool {
    let brands: [&[u8]; 6] = [b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"];
    bytes.get(4..8) == Some(b"ftyp") && bytes.get(8..12).is_some_and(|brand| brands.contains(&brand))
}

/// The pixels, and how the camera was held.
fn decode(shown: &str, bytes: &[u8], format: ImageFormat) -> Result<(DynamicImage, Orientation)> {
    let broken = |error: image::ImageError| {
        tracing::info!("a photo cannot be read: {error}");
        Error::Unsupported(format!("「{shown}」读不出来：文件已损坏，或不完整。请重新导出或重拍"))
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.no_limits();
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    check_size(shown, width, height, decoder.total_bytes())?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(2 * MAX_MEMORY);
    decoder.set_limits(limits).map_err(broken)?;
    let held = decoder.orientation().map_err(broken)?;
    Ok((DynamicImage::from_decoder(decoder).map_err(broken)?, held))
}

/// Whether a photo of this size is decoded at all.
fn check_size(shown: &str, width: u32, height: u32, memory: u64) -> Result<()> {
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    if pixels > MAX_PIXELS || width > MAX_SIDE || height > MAX_SIDE {
        return Err(Error::TooLarge(format!(
            "「{shown}」有 {width} × {height} 像素；照片最多 {} 万像素、单边 {MAX_SIDE} 像素，请缩小后再传",
            MAX_PIXELS / 10_000
        )));
    }
    if memory > MAX_MEMORY {
        let memory = size_words(usize::try_from(memory).unwrap_or(usize::MAX));
        return Err(Error::TooLarge(format!("「{shown}」解开后有 {memory}；请存成普通的 JPEG 再传")));
    }
    Ok(())
}

fn scaled(picture: DynamicImage) -> DynamicImage {
    match picture.width().max(picture.height()) {
        ..=LONGEST => picture,
        ..=WEIGHED => picture.resize(LONGEST, LONGEST, FilterType::Triangle),
        _ => picture.thumbnail(LONGEST, LONGEST),
    }
}

/// A JPEG knows no transparency. Whole numbers: `value × alpha + white × (255 − alpha)`, over 255.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let picture = picture.to_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0.map(u32::from);
        let mixed = |value: u32| u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX);
        image::Rgb([mixed(red), mixed(green), mixed(blue)])
    })
}
