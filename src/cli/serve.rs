//! `taizhang serve`: the first start loads the plan, then pages are served.

use super::args::{self, Shared};
use super::{check_version, print, reminders, witness};
use crate::auth::Actor;
use crate::clock::{Clock, Instant};
use crate::config::{self, Operator, Post, Reach, Witness};
use crate::db::{Db, Head};
use crate::demo;
use crate::error::{Error, Result};
use crate::period::Day;
use crate::seed::{self, load};
use crate::{signin, web};

pub(super) fn serve(shared: &Shared, options: &args::Serve) -> Result<()> {
    log_to_stderr();
    let serve = config::Serve {
        listen: options.listen.clone(),
        database_url: database_url(shared, options),
        demo: options.demo,
        today: options.today.as_deref().map(Day::parse).transpose().map_err(|error| error.of("today"))?,
        operator: Operator { name: options.operator.clone(), contact: options.contact.clone() },
        reach: Reach::parse(options.public_url.as_deref(), options.trusted_proxies.as_deref())?,
        post: Post::of(options.smtp_url.as_deref(), options.mail_from.as_deref()),
        witness: Witness::parse(
            options.witness_url.as_deref(),
            options.witness_mail.as_deref(),
            options.smtp_url.as_deref(),
            options.mail_from.as_deref(),
        )?,
    };
    let address = serve.address()?;
    let command = if serve.demo { "taizhang serve --demo" } else { "taizhang serve" };
    let listener = web::bind(address, command)?;
    let db = if serve.demo { demo::open(&serve.database_url)? } else { ordinary(&serve)? };
    if !serve.demo && serve.today.is_none() {
        open_first_account(&db)?;
        signin::log::drop_old(&db, signin::log::KEPT_DAYS)?;
        rotate(&db);
    }
    let bound = listener.local_addr().map_err(|error| Error::Unavailable(format!("不能监听：{error}")))?;
    print(&format!("http://{bound}\n"));
    eprintln!("台账已启动：http://{bound} （数据库 {}；Ctrl-C 停止）", db.label());
    if !serve.demo && !has_more_than_the_plan(&db)? {
        eprintln!("本库目前只有规划原文，没有进度和资金记录。看一个填满数据的样例月（另建数据库，不影响本库）：");
        eprintln!("  cargo run --release -- serve --demo --listen 127.0.0.1:8081");
    }
    // What is invented, and what is only looked back at, is given to nobody.
    if !serve.demo && serve.today.is_none() {
        witness::begin(&db, &serve.witness)?;
        reminders::begin(&db, serve.post.as_ref())?;
    }
    web::run(db, listener, &serve)
}

/// A server that runs for months drops what is old each day as well.
fn rotate(db: &Db) {
    const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);
    let db = db.clone();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(DAY);
            if let Err(error) = signin::log::drop_old(&db, signin::log::KEPT_DAYS) {
                tracing::warn!("没有清理安全日志，明天再试：{error}");
            }
        }
    });
}

/// The first start: an account for the office. Its password is shown here and nowhere else.
fn open_first_account(db: &Db) -> Result<()> {
    if let Some(issued) = signin::first::open_first(db)? {
        eprintln!("已建立第一个账户：登录名 {}，一次性口令 {}", signin::first::FIRST, issued.password);
        eprintln!("口令只显示这一次，首次登录时要改。没看到或丢了：taizhang user passwd {}", signin::first::FIRST);
    }
    Ok(())
}

/// The demonstration has its own file unless a database is named.
fn database_url(shared: &Shared, options: &args::Serve) -> String {
    match options.demo && shared.database_url == config::DEFAULT_DATABASE {
        true => config::DEMO_DATABASE.into(),
        false => shared.database_url.clone(),
    }
}

/// An ordinary database: created and loaded with the plan when it is empty.
fn ordinary(serve: &config::Serve) -> Result<Db> {
    let db = Db::open(&serve.database_url, Clock::System)?;
    if db.read(Head::find)?.seq == 0 {
        let plan = seed::embedded()?;
        db.write(move |tx| load::load(tx, &Actor::loader(), plan))?;
    }
    if db.read(demo::is_demo)? {
        return Err(Error::Conflict(format!("{} 是演示库；加 --demo 打开，或换一个数据库", db.label())));
    }
    check_version(&db)?;
    match serve.today {
        None => Ok(db),
        Some(day) if day > Clock::System.today() => {
            Err(Error::invalid("today", day.to_string(), format!("晚于今天（{}）", Clock::System.today())))
        }
        Some(day) => Db::open_read_only(&serve.database_url, Clock::set_at(Instant::end_of(day))),
    }
}

fn has_more_than_the_plan(db: &Db) -> Result<bool> {
    db.read(|conn| crate::ledger::store::has_beyond_plan(conn, i64::MAX))
}

/// Causes of refusals go to the terminal; `RUST_LOG` chooses how much.
fn log_to_stderr() {
    let filter =
        tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info,actix_server=warn".into());
    // A second subscriber in one process is a test's doing and no fault.
    drop(tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init());
}
