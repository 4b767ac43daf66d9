//! Databases that cannot be used: said at once, in words, and never harmed.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use diesel::connection::SimpleConnection;
use taizhang::db::{Head, Target};

use crate::support::{Ended, Engine, both_with_plan, ended, taizhang, taizhang_in, texts};

/// A refusal: the exit code and the message.
fn refused(url: &str, arguments: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ended = taizhang_in(folder.path(), url, arguments);
    assert_eq!(ended.out, "", "{url}: nothing is answered");
    let left: Vec<_> = fs::read_dir(folder.path()).expect("the folder").collect();
    assert!(left.is_empty(), "{url}: a file was made: {left:?}");
    (ended.code, ended.err)
}

#[test]
fn a_database_url_of_no_kind_we_know_is_refused_with_those_we_do() {
    let allowed = "写成 sqlite://taizhang.db 或 postgres://用户:口令@localhost:5432/库名";
    for (url, why) in [
        ("mysql://localhost/taizhang", "不认识的数据库类型「mysql」"),
        ("SQLITE://taizhang.db", "不认识的数据库类型「SQLITE」"),
        ("taizhang.db", "不是数据库地址"),
        ("host=localhost dbname=taizhang user=postgres password=geheim", "不是数据库地址"),
        ("", "不是数据库地址"),
        ("sqlite://", "缺少文件名"),
        ("sqlite://:memory:", "内存库不能保存台账"),
        ("sqlite:///tmp/a\nb.db", "文件名含控制字符"),
    ] {
        for command in [["head"], ["serve"], ["check"], ["init"]] {
            let (code, message) = refused(url, &command);
            assert_eq!(code, 2, "{url}: {message}");
            assert!(message.contains(why) && message.contains(allowed), "{url}: {message}");
            assert!(!message.contains("geheim"), "a password is not repeated: {message}");
        }
    }
}

/// The client compiled in speaks no TLS: a password would travel in the clear.
#[test]
#[cfg(feature = "bundled-libpq")]
fn a_remote_host_is_refused_without_tls() {
    for url in [
        "postgres://taizhang:geheim@db.example/taizhang",
        "postgres://taizhang:geheim@localhost,db.example/taizhang",
        "postgresql://taizhang:geheim@localhost/taizhang?host=db.example",
        "postgresql://taizhang:geheim@/taizhang?hostaddr=192.0.2.1",
    ] {
        let (code, message) = refused(url, &["head"]);
        assert_eq!(code, 2, "{message}");
        assert!(message.contains("不带 TLS，只连本机"), "{message}");
        assert!(!message.contains("geheim"), "a password is not repeated: {message}");
    }
}

#[test]
fn a_postgresql_that_is_down_is_said_with_what_to_look_at() {
    // A port that was free a moment ago: nobody answers there.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
    let url = format!("postgres://taizhang:geheim@127.0.0.1:{port}/taizhang");
    for command in [["head"], ["check"], ["init"]] {
        let (code, message) = refused(&url, &command);
        assert_eq!(code, 3, "it may be up later: {message}");
        assert!(message.contains("连不上 PostgreSQL"), "{message}");
        assert!(message.contains("请检查服务是否启动、库名与口令是否正确"), "{message}");
        assert!(message.contains(&format!("127.0.0.1:{port}")), "which one: {message}");
        assert!(!message.contains("geheim"), "a password is not repeated: {message}");
    }
}

#[test]
fn an_empty_database_is_no_register_yet() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}", folder.path().join("new.db").display());
    for command in [&["head"][..], &["rollup"], &["export", "projects"], &["rebuild"], &["check"]] {
        let ended = taizhang(&url, command);
        assert_eq!(ended.code, 2, "{command:?}: {ended:?}");
        assert!(ended.err.contains("是空的；先运行 taizhang init 载入规划"), "{command:?}: {}", ended.err);
    }
}

#[test]
fn a_database_newer_than_the_program_is_left_alone() {
    both_with_plan(|db| {
        let mut conn = Target::parse(db.url()).and_then(|target| target.connect()).expect("it opens");
        conn.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')")
            .expect("a version to come");
        for command in [&["head"][..], &["migrate"], &["init"], &["serve", "--listen", "127.0.0.1:0"]] {
            let ended = taizhang(db.url(), command);
            assert_eq!((ended.code, ended.out.as_str()), (3, ""), "{command:?}: {}", ended.err);
            assert!(ended.err.contains("数据库比程序新（含迁移 29990101000000，本程序不认识）"), "{}", ended.err);
            assert!(ended.err.contains("请换用更新的 taizhang"), "{}", ended.err);
        }
        assert_eq!(db.read(Head::find).expect("head").seq, 1);
    });
}

#[test]
fn a_file_that_is_no_database_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("notes.db");
    let notes = "一份会议记录，不是数据库。\n".repeat(100);
    fs::write(&path, &notes).expect("the notes are written");
    for command in [&["head"][..], &["init"], &["check"]] {
        let ended = taizhang(&format!("sqlite://{}", path.display()), command);
        assert_eq!((ended.code, ended.out.as_str()), (3, ""), "{command:?}: {}", ended.err);
        assert!(ended.err.contains("这个文件不是 SQLite 数据库"), "{}", ended.err);
    }
    assert_eq!(fs::read_to_string(&path).expect("it reads"), notes);
}

/// Another program's database: its tables are not ours to mix with.
#[test]
fn another_programs_database_is_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("other.db");
    let url = format!("sqlite://{}", path.display());
    let mut conn = Target::parse(&url).and_then(|target| target.connect()).expect("it opens");
    conn.batch_execute("CREATE TABLE person (name TEXT); INSERT INTO person VALUES ('somebody')").expect("its table");
    let tables = |conn: &mut _| texts(conn, "SELECT name AS text FROM sqlite_schema ORDER BY name");
    let before = tables(&mut conn);
    for command in [&["head"][..], &["init"], &["serve", "--listen", "127.0.0.1:0"]] {
        let ended = taizhang(&url, command);
        assert_eq!((ended.code, ended.out.as_str()), (3, ""), "{command:?}: {}", ended.err);
        assert!(ended.err.contains("不是台账的数据库"), "{}", ended.err);
    }
    assert_eq!(tables(&mut conn), before, "not a table was added");
}

#[test]
fn a_folder_that_is_not_there_is_said() {
    let (code, message) = refused("sqlite://nowhere/taizhang.db", &["init"]);
    assert_eq!(code, 3);
    assert!(message.contains("打不开数据库文件 nowhere/taizhang.db"), "{message}");
    assert!(message.contains("请检查路径、权限和磁盘空间"), "{message}");
}

/// PostgreSQL by its own setting; a SQLite file by its mode, with a user to whom it applies.
#[test]
fn what_is_read_only_is_read_and_not_written() {
    let add: Vec<&str> =
        "entry add --project CY-01 --measure paid --wan 1 --on 2025-09-01 --document 甲".split(' ').collect();
    both_with_plan(|db| {
        let run: Box<dyn Fn(&[&str]) -> Ended> = match db.engine() {
            Engine::Postgres => {
                let name = db.url().rsplit_once('/').expect("a name").1.to_owned();
                let mut conn = Target::parse(db.url()).and_then(|target| target.connect()).expect("it opens");
                conn.batch_execute(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"))
                    .expect("it is made read-only");
                let url = db.url().to_owned();
                Box::new(move |arguments| taizhang(&url, arguments))
            }
            Engine::Sqlite => Box::new(as_somebody_else(db.url().trim_start_matches("sqlite://"))),
        };
        let read = run(&["head"]);
        assert_eq!((read.code, read.out.split(' ').next()), (0, Some("1")), "it is still read: {}", read.err);
        for command in [&add[..], &["rebuild"]] {
            let ended = run(command);
            assert_eq!((ended.code, ended.out.as_str()), (3, ""), "{command:?}: {}", ended.err);
            assert!(ended.err.contains("只读，什么都没有写入"), "{command:?}: {}", ended.err);
        }
        assert_eq!(db.read(Head::find).expect("head").seq, 1);
    });
}

/// Runs the program on a copy of a file that may be read only. Root may write anything, so as
/// root the program runs as nobody.
fn as_somebody_else(file: &str) -> impl Fn(&[&str]) -> Ended + use<> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (path, program) = (folder.path().join("read-only.db"), folder.path().join("taizhang"));
    fs::copy(file, &path).expect("the file is copied");
    fs::copy(env!("CARGO_BIN_EXE_taizhang"), &program).expect("the program is copied");
    let allow = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("its mode");
    // The folder stays open: SQLite keeps its notes beside the file even for reading.
    allow(folder.path(), 0o777);
    allow(&path, 0o444);
    allow(&program, 0o755);
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    move |arguments| {
        let mut command = Command::new(&program);
        command.args(arguments).env("DATABASE_URL", format!("sqlite://{}", path.display())).current_dir(folder.path());
        if is_root {
            command.uid(65_534).gid(65_534);
        }
        ended(&mut command)
    }
}

/// The port is asked for before the database is touched, so nothing is created in vain.
#[test]
fn a_port_in_use_is_said_with_a_command_that_works() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let (code, message) = refused("sqlite://new.db", &["serve", "--listen", &address]);
    assert_eq!(code, 3, "{message}");
    assert!(
        message.contains(&format!("端口 {} 已被占用", taken.local_addr().expect("its address").port())),
        "{message}"
    );
    let advice = message.split("换一个空闲端口：").nth(1).expect("a command").trim();
    assert!(advice.starts_with("taizhang serve --listen 127.0.0.1:"), "{advice}");
    let free = advice.rsplit_once(' ').expect("an address").1;
    assert_ne!(free, address);
    TcpListener::bind(free).expect("the port it names is free");
}

/// A disk that fills up while facts are recorded: each command is whole or absent.
///
/// The limit on a file's size stands in for the disk; SQLite then sees the same refusals.
#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("full.db");
    let url = format!("sqlite://{}", path.display());
    assert_eq!(taizhang(&url, &["init"]).code, 0);
    let size = fs::metadata(&path).expect("the file").len();
    // The room of one more page or two, in the blocks of 1024 bytes that the shell counts.
    let blocks = size / 1024 + 8;
    let (mut acknowledged, mut refusals) = (0, Vec::new());
    for at in 0..40 {
        let ended = limited(folder.path(), &url, blocks, at);
        match ended.code {
            0 => acknowledged += 1,
            _ => refusals.push(ended),
        }
        if refusals.len() == 3 {
            break;
        }
    }
    assert!(!refusals.is_empty(), "the room ran out: {acknowledged} commands fitted");
    for ended in &refusals {
        assert_eq!((ended.code, ended.out.as_str()), (3, ""), "{}", ended.err);
        assert!(ended.err.contains("磁盘"), "{}", ended.err);
    }
    // With room again, what was acknowledged is there, what was refused is not, and work goes on.
    let head = taizhang(&url, &["head"]);
    assert_eq!(head.out.split(' ').next().map(str::to_owned), Some((acknowledged + 1).to_string()), "{head:?}");
    let check = taizhang(&url, &["check"]);
    assert_eq!(check.code, 0, "{}{}", check.out, check.err);
    let mut conn = Target::parse(&url).and_then(|target| target.connect()).expect("it opens");
    assert_eq!(texts(&mut conn, "SELECT integrity_check AS text FROM pragma_integrity_check"), ["ok"]);
    assert_eq!(limited(folder.path(), &url, blocks * 100, 99).code, 0, "with room, the next command is recorded");
}

/// Records an entry in a shell that may make files of so many blocks only.
fn limited(folder: &Path, url: &str, blocks: u64, at: usize) -> Ended {
    let note = "长".repeat(400);
    let script = format!(
        "trap '' XFSZ; ulimit -f {blocks}; exec \"$TAIZHANG\" entry add --project CY-01 --measure paid --wan {at} \
         --on 2025-09-01 --document 文〔2025〕{at}号 --note {note}"
    );
    ended(
        Command::new("bash")
            .args(["-c", &script])
            .env("TAIZHANG", env!("CARGO_BIN_EXE_taizhang"))
            .env("DATABASE_URL", url)
            .current_dir(folder),
    )
}
