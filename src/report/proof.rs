//! `/proof`: `taizhang check` in the browser, a line per proof.

use serde::Serialize;

use super::asked::Asked;
use super::frame::Tone;
use super::frame::{Banner, Frame, Link};
use crate::clock::Instant;
use crate::db::{AnyConnection, Head};
use crate::document::attachment::store::sum_of_sizes;
use crate::error::Result;

use crate::proof::store::{Run, entry_count, find_run};

/// The context of `proof.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    /// The surroundings.
    pub frame: Frame,
    /// Whether every proof holds.
    pub holds: bool,
    /// 「12 项证明全部成立」 or how many do not.
    pub verdict: String,
    /// When, at which head, how long: 「核对于 …，序号 57，用时 8 毫秒」.
    pub run: String,
    /// Cautions; among them that a stored run is shown.
    pub banners: Vec<Banner>,
    /// The proofs.
    pub lines: Vec<ProofLine>,
    /// How to run the same in a terminal.
    pub command: String,
}

/// One proof.
#[derive(Clone, Debug, Serialize)]
pub struct ProofLine {
    /// What is proved.
    pub name: String,
    /// How much was compared: 「32 笔」.
    pub count: String,
    /// Whether it holds.
    pub holds: bool,
    /// Both sides of the comparison, or the differences.
    pub detail: Vec<String>,
    /// The rows it is about.
    pub link: Option<Link>,
}

/// A check of so many entries takes under a second and runs while the page is asked for.
const LIVE: i64 = 20_000;

/// Hashing so many bytes of attachments takes about as long.
const LIVE_BYTES: i64 = 256 * 1024 * 1024;

/// The proofs: live on a small database, else the last stored run.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Proof> {
    let command = "taizhang check".to_owned();
    let frame = asked.frame("证明", "/proof");
    if entry_count(conn)? <= LIVE && sum_of_sizes(conn)? <= LIVE_BYTES {
        let began = std::time::Instant::now();
        let proofs = crate::proof::check(conn, &mut |_| ())?;
        let took_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        // All of the journal is checked, whatever this reader sees of it.
        let now = asked.clock.now();
        let run = Run { seq: Head::find(conn)?.seq, at: now, took_ms, proofs };
        return Ok(page(asked, frame, &run, "打开本页时现算", command));
    }
    match find_run(conn)? {
        Some(run) => Ok(page(asked, frame, &run, "库较大，这是上次在命令行核对的结果", command)),
        None => Ok(Proof {
            frame,
            holds: false,
            verdict: "还没有核对过".into(),
            run: "库较大，不在网页上现算；在命令行运行下面的命令，结果会留在这里。".into(),
            banners: Vec::new(),
            lines: Vec::new(),
            command,
        }),
    }
}

fn page(asked: &Asked, frame: Frame, run: &Run, how: &str, command: String) -> Proof {
    let broken: Vec<_> = run.proofs.iter().filter(|proof| !proof.holds()).collect();
    let banners = broken.iter().map(|proof| Banner {
        tone: Tone::Bad,
        text: format!("{}：不成立。应做：{}", proof.name, proof.run),
        link: None,
    });
    let mut banners: Vec<Banner> = banners.collect();
    if run.seq < asked.latest.seq {
        let text = format!("核对的是日志第 {} 条时的数据，现在已到第 {} 条", run.seq, asked.latest.seq);
        banners.push(Banner { tone: Tone::Caution, text, link: None });
    }
    if run.seq > asked.latest.seq {
        let text = format!("公众看到的是日志第 {} 条时的数据；核对的是全部 {} 条。", asked.latest.seq, run.seq);
        banners.push(Banner { tone: Tone::Note, text, link: None });
    }
    let lines = run.proofs.iter().map(|proof| ProofLine {
        name: proof.name.clone(),
        count: proof.count.clone(),
        holds: proof.holds(),
        detail: if proof.holds() { vec![proof.detail.clone()] } else { proof.differences.clone() },
        link: None,
    });
    Proof {
        frame,
        holds: broken.is_empty(),
        verdict: match broken.len() {
            0 => format!("{} 项证明全部成立", run.proofs.len()),
            n => format!("{} 项证明中 {n} 项不成立", run.proofs.len()),
        },
        run: format!("{how}：{}，日志第 {} 条，用时 {} 毫秒。", Instant::to_the_second(run.at), run.seq, run.took_ms),
        banners,
        lines: lines.collect(),
        command,
    }
}
