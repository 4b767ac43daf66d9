//! 现场照片 of a report: who brings them, what is kept of them, and who sees them.

use std::io::Cursor;

use image::ImageReader;
use taizhang::auth::{Actor, Role};
use taizhang::document::attachment::{File, photo as made_anew};
use taizhang::monthly::photo::{MOST, add};
use taizhang::monthly::store;
use taizhang::web::viewer::csrf_of;

use super::{at, begin, colleague, lock_month, month, reporter, under_construction, which};
use crate::photos::from_a_phone;
use crate::support::{Site, both_with_plan};

const REPORT: &str = "/reports/CY-24/2025-09";

fn picture(width: u32) -> File {
    made_anew::judge("现场.jpg", &from_a_phone(width, 40, 1)).expect("a photo")
}

#[test]
fn a_phones_photo_stands_with_the_report_and_says_nothing_but_what_it_shows() {
    both_with_plan(|db| {
        at(&db, "2025-09-24");
        begin(&db, &["CY-24"], "2025-09");
        under_construction(&db, "CY-24");
        let site = Site::over(&db);
        let own = site.signed_in(Role::Reporter);
        assert!(own.get(REPORT).words().contains("附上照片"), "also before there is a report");
        let taken = from_a_phone(60, 40, 6);
        assert!(String::from_utf8_lossy(&taken).contains("116.4333"), "it says where it was taken");
        let fields = [("csrf_token", csrf_of(&own.token)), ("caption", "清淤现场".into())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let sent = own.upload_as(&format!("{REPORT}/photos"), &fields, "IMG_2025.png", &taken);
        assert_eq!(sent.status, 303, "{}", sent.words());
        let page = own.get(REPORT);
        assert!(page.words().contains("2025-09-24 附 清淤现场"), "{}", page.words());
        let address = page.body.split("<img src=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a photo");
        // Kept is a JPEG made anew: upright, with neither place nor name.
        let held = db.read(|conn| {
            let project = taizhang::project::store::find(conn, "CY-24")?.expect("a project");
            let photo =
                store::list_photos(conn, project.id, month("2025-09"), (db.clock().today(), i64::MAX))?.remove(0);
            let kept = taizhang::document::attachment::store::find(conn, photo.attachment_id)?.expect("kept");
            let bytes = taizhang::document::attachment::store::find_bytes(conn, &kept.sha256)?.expect("bytes");
            Ok((format!("/attachments/{}", kept.id), kept.name, kept.media_type, bytes))
        });
        let (own_address, name, media_type, bytes) = held.expect("read");
        assert_eq!((address, name.as_str(), media_type.as_str()), (own_address.as_str(), "IMG_2025.jpg", "image/jpeg"));
        assert!(
            !String::from_utf8_lossy(&bytes).contains("116.4333") && !String::from_utf8_lossy(&bytes).contains("张三")
        );
        let picture =
            ImageReader::new(Cursor::new(bytes)).with_guessed_format().expect("read").decode().expect("a JPEG");
        assert_eq!((picture.width(), picture.height()), (40, 60), "it was held upright");
        // Who sees it: the department, the office; on the project's page and beside the light. Not the public.
        let office = site.signed_in(Role::Office);
        for reader in [&own, &office] {
            assert_eq!(reader.get(address).status, 200);
            assert!(reader.get("/projects/CY-24").body.contains(address), "the latest on the project's page");
        }
        at(&db, "2025-09-27");
        // A session lasts half a day.
        let (office, own) = (site.signed_in(Role::Office), site.signed_in(Role::Reporter));
        let lights = office.get("/lights");
        assert!(lights.words().contains("照片 2025-09"), "{}", lights.words());
        assert!(office.get("/").words().contains("照片 2025-09"), "and on the overview, where lights shine");
        assert!(!site.get("/").words().contains("照片 2025-09"));
        assert_eq!(site.get(address).status, 404, "reports are not the public's, nor are their photos");
        assert!(!site.get("/projects/CY-24").body.contains(address));
        assert!(!site.get("/lights").words().contains("照片 2025-09"));
        let before = office.get("/lights?as_of=2025-09-23").words();
        assert!(!before.contains("照片 2025-09"), "the day before there was none: {before}");
        assert!(!own.get("/projects/CY-24?as_of=2025-09-23").body.contains(address));
        let told = office.get("/journal?action=report.photo").words();
        assert!(told.contains("附现场照片") && told.contains("清淤现场"), "{told}");
    });
}

#[test]
fn what_is_no_photo_is_refused_with_how_to_mend_it_and_nothing_is_kept() {
    both_with_plan(|db| {
        at(&db, "2025-09-24");
        begin(&db, &["CY-24"], "2025-09");
        let site = Site::over(&db);
        let own = site.signed_in(Role::Reporter);
        let before = db.read(taizhang::db::Head::find).expect("head");
        let to = format!("{REPORT}/photos");
        let send = |to: &str, bytes: &[u8]| own.upload(to, "现场.jpg", bytes);
        let heic = send(&to, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
        assert_eq!(heic.status, 415);
        assert!(heic.words().contains("兼容性最佳"), "{}", heic.words());
        let paper = send(&to, crate::attachments::PDF);
        assert_eq!(paper.status, 415);
        assert!(paper.words().contains("不是照片：按内容看是"), "{}", paper.words());
        assert_eq!(send(&to, b"").status, 400);
        let photo = from_a_phone(60, 40, 1);
        assert_eq!(send("/reports/CY-24/2025-10/photos", &photo).status, 400, "a month not yet begun");
        assert_eq!(send("/reports/CY-24/2025-08/photos", &photo).status, 400, "before 报送启用月");
        let foreign = send("/reports/CY-01/2025-09/photos", &photo);
        assert!([403, 404].contains(&foreign.status), "another department's: {}", foreign.status);
        let long = "长".repeat(61);
        let csrf = csrf_of(&own.token);
        let fields = [("csrf_token", csrf.as_str()), ("caption", long.as_str())];
        assert_eq!(own.upload_as(&to, &fields, "现场.jpg", &photo).status, 400);
        assert_eq!(db.read(taizhang::db::Head::find).expect("head"), before, "nothing was kept");
    });
}

#[test]
fn a_report_takes_nine_each_once_and_a_locked_month_none() {
    both_with_plan(|db| {
        at(&db, "2025-09-24");
        begin(&db, &["CY-24"], "2025-09");
        let attach = |actor: Actor, file: File| {
            let report = which("CY-24", "2025-09");
            db.write(move |tx| add(tx, &actor, &report, &file, ""))
        };
        let said = |answer: taizhang::error::Result<taizhang::db::Head>| answer.expect_err("refused").to_string();
        attach(reporter(), picture(30)).expect("the first");
        assert!(said(attach(colleague(), picture(30))).contains("已附有内容相同的"), "each once");
        for width in 31..30 + u32::try_from(MOST).expect("few") {
            attach(reporter(), picture(width)).expect("another");
        }
        assert!(said(attach(reporter(), picture(99))).contains("已有 9 张照片"));
        at(&db, "2025-10-10");
        lock_month(&db, "2025-09");
        let site = Site::over(&db);
        let page = site.signed_in(Role::Reporter).get(REPORT).words();
        assert!(page.contains("现场照片") && !page.contains("附上照片"), "nothing is offered that is refused: {page}");
        assert!(said(attach(reporter(), picture(99))).contains("锁定"));
    });
}
