//! Photos of sites: nothing but pixels is kept.

use std::io::Cursor;

use image::codecs::webp::WebPEncoder;
use image::{ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use taizhang::document::attachment::content::Content;
use taizhang::document::attachment::photo::{LONGEST, Photo, clean, judge};
use taizhang::error::Error;

use crate::attachments::PDF;
use crate::support::python;

/// Red on the left half, blue on the right.
fn two_halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) })
}

fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, format).expect("encoded");
    out.into_inner()
}

/// What a phone writes: how it was held, and that it stood at 39°55′N 116°26′E.
fn exif(orientation: u16) -> Vec<u8> {
    let mut out = b"II\x2a\0\x08\0\0\0".to_vec();
    let row = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value].concat()
    };
    let [low, high] = orientation.to_le_bytes();
    out.extend([&[2, 0][..], &row(0x0112, 3, 1, [low, high, 0, 0]), &row(0x8825, 4, 1, [38, 0, 0, 0])].concat());
    out.extend([0; 4]);
    assert_eq!(out.len(), 38);
    out.extend([&[4, 0][..], &row(1, 2, 2, *b"N\0\0\0"), &row(2, 5, 3, [92, 0, 0, 0])].concat());
    out.extend([row(3, 2, 2, *b"E\0\0\0"), row(4, 5, 3, [116, 0, 0, 0])].concat());
    out.extend([0; 4]);
    assert_eq!(out.len(), 92);
    for number in [39, 1, 55, 1, 0, 1, 116, 1, 26, 1, 0, 1_u32] {
        out.extend(number.to_le_bytes());
    }
    out
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).expect("short").to_be_bytes();
    [&[0xff, marker][..], &length, body].concat()
}

/// A JPEG as a phone gives it: EXIF, XMP, captions, a comment, and a film behind its end.
pub fn from_a_phone(width: u32, height: u32, orientation: u16) -> Vec<u8> {
    let plain = encoded(&two_halves(width, height), ImageFormat::Jpeg);
    let place = "<x:xmpmeta><exif:GPSLatitude>39,55N</exif:GPSLatitude></x:xmpmeta>";
    [
        &plain[..2],
        &segment(0xe1, &[&b"Exif\0\0"[..], &exif(orientation)].concat()),
        &segment(0xe1, &[&b"http://ns.adobe.com/xap/1.0/\0"[..], place.as_bytes()].concat()),
        &segment(0xed, b"Photoshop 3.0\08BIM GPS caption"),
        &segment(0xfe, "拍摄者张三 GPS 39.9167,116.4333".as_bytes()),
        &plain[2..],
        b"\0\0\0\x18ftypmp42 GPS 39.9167,116.4333",
    ]
    .concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let named = [&name[..], body].concat();
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    [&length[..], &named, &crc32(&named).to_be_bytes()].concat()
}

/// What another program finds in a file beside its pixels.
fn found(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("photo");
    std::fs::write(&path, bytes).expect("written");
    let ended = python("tests/photo_metadata.py", [&path]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    ended.out.trim().replace('\n', "; ")
}

fn made(bytes: &[u8]) -> Photo {
    clean("现场.jpg", bytes).unwrap_or_else(|error| panic!("{error}"))
}

fn pixel(photo: &Photo, x: u32, y: u32) -> [u8; 3] {
    let picture = image::load_from_memory_with_format(&photo.bytes, ImageFormat::Jpeg).expect("a JPEG");
    picture.to_rgb8().get_pixel(x, y).0
}

fn is_red(pixel: [u8; 3]) -> bool {
    pixel[0] > 180 && pixel[2] < 80
}

fn is_blue(pixel: [u8; 3]) -> bool {
    pixel[2] > 180 && pixel[0] < 80
}

#[test]
fn where_a_photo_was_taken_goes_in_and_does_not_come_out() {
    let phone = from_a_phone(64, 32, 1);
    assert_eq!(
        found(&phone),
        "exif; orientation 1; gps 39.9167 116.4333; xmp; iptc; comment; size 64 32; trailer 33",
        "the other program sees what is there"
    );
    let photo = made(&phone);
    assert_eq!(found(&photo.bytes), "size 64 32", "nothing is left but pixels");
    for word in [&b"GPS"[..], b"Exif", b"xmpmeta", b"ftyp", b"Photoshop"] {
        assert!(!photo.bytes.windows(word.len()).any(|part| part == word), "{}", String::from_utf8_lossy(word));
    }
    assert!(is_red(pixel(&photo, 8, 16)) && is_blue(pixel(&photo, 56, 16)), "and the pixels are the same");
}

#[test]
fn a_png_and_a_webp_lose_their_metadata_too() {
    let plain = encoded(&two_halves(40, 20), ImageFormat::Png);
    let at = 8 + 25;
    let with =
        [&plain[..at], &chunk(b"eXIf", &exif(1)), &chunk(b"tEXt", b"Comment\0GPS 39.9167,116.4333"), &plain[at..]]
            .concat();
    assert!(found(&with).contains("gps 39.9167 116.4333; text"), "{}", found(&with));
    let photo = clean("现场.png", &with).expect("a photo");
    assert_eq!(found(&photo.bytes), "size 40 20");

    let mut webp = Vec::new();
    let mut encoder = WebPEncoder::new_lossless(&mut webp);
    encoder.set_exif_metadata(exif(6)).expect("WebP holds EXIF");
    encoder.encode(two_halves(40, 20).as_raw(), 40, 20, image::ExtendedColorType::Rgb8).expect("encoded");
    assert!(found(&webp).contains("gps 39.9167 116.4333"), "{}", found(&webp));
    let photo = clean("现场.webp", &webp).expect("a photo");
    assert_eq!(found(&photo.bytes), "size 20 40", "turned, and bare");
}

#[test]
fn a_photo_stands_upright_however_the_phone_was_held() {
    // What is stored, by the number of the eight ways: which colour is at the top left and where the other is.
    for (orientation, upright) in [(1, "left"), (2, "right"), (3, "right"), (4, "left"), (6, "top"), (8, "bottom")] {
        let photo = made(&from_a_phone(64, 32, orientation));
        let (red, blue) = match upright {
            "left" => ((8, 16), (56, 16)),
            "right" => ((56, 16), (8, 16)),
            "top" => ((16, 8), (16, 56)),
            _ => ((16, 56), (16, 8)),
        };
        let shape = if orientation < 5 { (64, 32) } else { (32, 64) };
        assert_eq!((photo.width, photo.height), shape, "{orientation}");
        assert!(is_red(pixel(&photo, red.0, red.1)), "{orientation}: red is {upright}");
        assert!(is_blue(pixel(&photo, blue.0, blue.1)), "{orientation}: red is {upright}");
        assert!(!found(&photo.bytes).contains("orientation"), "and is not turned again by whoever shows it");
    }
}

#[test]
fn a_large_photo_is_scaled_down_and_a_small_one_is_left() {
    let photo = made(&from_a_phone(3_000, 1_500, 6));
    assert_eq!((photo.width, photo.height), (LONGEST / 2, LONGEST));
    assert!(is_red(pixel(&photo, 500, 100)) && is_blue(pixel(&photo, 500, 1_900)));
    let photo = made(&encoded(&two_halves(6_400, 800), ImageFormat::Jpeg));
    assert_eq!((photo.width, photo.height), (LONGEST, LONGEST / 8));
    assert!(is_red(pixel(&photo, 100, 100)) && is_blue(pixel(&photo, 1_900, 100)));
    let photo = made(&encoded(&two_halves(3, 1), ImageFormat::Png));
    assert_eq!((photo.width, photo.height), (3, 1), "never larger than it was");
}

#[test]
fn what_is_transparent_becomes_white() {
    let clear = RgbaImage::from_fn(16, 16, |x, _| if x < 8 { Rgba([0, 0, 0, 0]) } else { Rgba([20, 20, 220, 255]) });
    let mut png = Cursor::new(Vec::new());
    clear.write_to(&mut png, ImageFormat::Png).expect("encoded");
    let photo = clean("图.png", &png.into_inner()).expect("a photo");
    assert!(pixel(&photo, 1, 8).iter().all(|value| *value > 240) && is_blue(pixel(&photo, 14, 8)));
}

/// A PNG that promises this size, with no pixels behind it.
fn promised(width: u32, height: u32) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    [
        &b"\x89PNG\r\n\x1a\n"[..],
        &chunk(b"IHDR", &head),
        &chunk(b"IDAT", b"\x78\x9c\x03\0\0\0\0\x01"),
        &chunk(b"IEND", b""),
    ]
    .concat()
}

#[test]
fn a_picture_too_large_is_refused_by_what_its_header_says() {
    let told = |bytes: &[u8]| match clean("楼.png", bytes) {
        Err(error @ Error::TooLarge(_)) => error.to_string(),
        other => panic!("{other:?}"),
    };
    let mut jpeg = encoded(&two_halves(16, 16), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|part| part == [0xff, 0xc0]).expect("a frame");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[&50_000_u16.to_be_bytes()[..], &50_000_u16.to_be_bytes()].concat());
    let words = "有 50000 × 50000 像素；照片最多 5200 万像素、单边 30000 像素，请缩小后再传";
    assert_eq!(told(&promised(50_000, 50_000)), format!("「楼.png」{words}"));
    assert_eq!(told(&jpeg), format!("「楼.png」{words}"));
    assert!(told(&promised(1, 30_001)).contains("有 1 × 30001 像素"));
    assert!(told(&promised(u32::MAX / 4, u32::MAX / 4)).contains("像素"), "nothing overflows");
    assert!(told(&vec![0xff; 21 * 1024 * 1024]).contains("每个附件最多 20 MB"));
}

#[test]
fn what_is_no_photo_is_refused_by_its_content() {
    let told = |name: &str, bytes: &[u8]| match clean(name, bytes) {
        Err(error) => error.to_string().split("。可以附").next().expect("a sentence").to_owned(),
        Ok(photo) => panic!("{name} became {} × {}", photo.width, photo.height),
    };
    let phone = from_a_phone(640, 320, 1);
    let lines = [
        told("现场.jpg", PDF),
        told("现场.jpg", b"<!DOCTYPE html><html><script>alert(1)</script></html>"),
        told("IMG_0001.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0"),
        told("现场.jpg", b"GIF89a\x01\0\x01\0\0\0\0"),
        told("现场.jpg", &phone[..600]),
        told("现场.png", &promised(100, 100)),
        told("现场.webp", b"RIFF\x24\0\0\0WEBPVP8 "),
        told("现场.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0"),
        told("现场.jpg", b""),
    ];
    insta::assert_snapshot!(lines.join("\n"), @r#"
        「现场.jpg」不是照片：按内容看是PDF（与文件名的后缀无关）。照片用 JPEG、PNG 或 WebP
        「现场.jpg」不能附：按内容看是网页、SVG 或脚本，打开时可能执行其中的代码（与文件名的后缀无关）
        「IMG_0001.HEIC」是 HEIC 照片，不能用：在手机“设置—相机—格式”里选“兼容性最佳”，或转成 JPEG
        「现场.jpg」不能附：按内容看是别种图片；请转成 JPEG 或 PNG（与文件名的后缀无关）
        「现场.jpg」读不出来：文件已损坏，或不完整。请重新导出或重拍
        「现场.png」读不出来：文件已损坏，或不完整。请重新导出或重拍
        「现场.webp」读不出来：文件已损坏，或不完整。请重新导出或重拍
        「现场.jpg」读不出来：文件已损坏，或不完整。请重新导出或重拍
        file：照片是空的（0 字节）；请重新选择
        "#);
}

#[test]
fn a_photo_made_anew_is_a_file_named_as_what_it_is() {
    let png = encoded(&two_halves(8, 8), ImageFormat::Png);
    for (sent, kept) in
        [("现场.PNG", "现场.jpg"), ("IMG 1", "IMG 1.jpg"), (".png", "照片.jpg"), ("8号.桥", "8号.桥.jpg")]
    {
        let file = judge(sent, &png).expect("a photo");
        assert_eq!((file.name(), file.content()), (kept, Content::Jpeg), "{sent}");
    }
    assert_eq!(judge("a.png", &png).expect("a photo").sha256(), judge("a.png", &png).expect("a photo").sha256());
}
