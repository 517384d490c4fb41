//! Child processes that cannot outlive their test, and waits that cannot outlive their deadline.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// No wait in these tests takes longer. Far above what any of them needs, since a machine may be slow.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// The program under test.
pub(crate) fn ferrule() -> Command {
    let program =
        std::env::var_os("FERRULE_PROGRAM").map_or(env!("CARGO_BIN_EXE_ferrule").into(), PathBuf::from);
    let mut command = Command::new(program);
    command.env_remove("SSLKEYLOGFILE");
    command
}

/// Where a peer's program lies; `None`, after saying so, when this machine has not got it.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Servers of the distribution are not in every user's path.
    let found = std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .chain(built_by_ci())
        .map(|folder| folder.join(name))
        .find(|file| file.is_file());
    if found.is_none() {
        missing(name);
    }
    found
}

/// Where `.ci/install` puts what no distribution has.
fn built_by_ci() -> Option<PathBuf> {
    let own = std::env::var_os("FERRULE_CACHE").map(PathBuf::from);
    let caches = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    Some(own.or_else(|| Some(caches.or(home)?.join("ferrule")))?.join("bin"))
}

/// Announces a peer that is not there; in CI that is a failure.
pub(crate) fn missing(name: &str) {
    println!("MISSING PEER: {name} (install with .ci/install)");
    let required = std::env::var_os("FERRULE_REQUIRE_PEERS").is_some_and(|value| value == "1");
    assert!(!required, "MISSING PEER: {name}, and FERRULE_REQUIRE_PEERS=1 asks for it");
}

/// What a process has written so far, gathered by a thread so that its pipe never fills.
#[derive(Clone, Default)]
struct Written(Arc<(Mutex<Gathered>, Condvar)>);

#[derive(Default)]
struct Gathered {
    bytes: Vec<u8>,
    ended: bool,
}

impl Written {
    fn gather(&self, mut from: impl Read + Send + 'static) -> JoinHandle<()> {
        let written = self.clone();
        thread::spawn(move || {
            let (gathered, changed) = &*written.0;
            let mut piece = vec![0; 1 << 16];
            while let Ok(length @ 1..) = from.read(&mut piece) {
                gathered.lock().unwrap().bytes.extend_from_slice(&piece[..length]);
                changed.notify_all();
            }
            gathered.lock().unwrap().ended = true;
            changed.notify_all();
        })
    }

    /// Waits until there is what is wanted; fails at the deadline, or at the end of the output.
    fn wait<T>(&self, what: &str, wanted: impl Fn(&[u8]) -> Option<T>) -> T {
        let (gathered, changed) = &*self.0;
        let end = Instant::now() + DEADLINE;
        let mut gathered = gathered.lock().unwrap();
        loop {
            if let Some(found) = wanted(&gathered.bytes) {
                return found;
            }
            let left = end.saturating_duration_since(Instant::now());
            if gathered.ended || left.is_zero() {
                let came = shown(&gathered.bytes);
                drop(gathered);
                panic!("{what} did not come; what came: {came}");
            }
            gathered = changed.wait_timeout(gathered, left).unwrap().0;
        }
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.0.lock().unwrap().bytes.clone()
    }
}

/// A process under way. It is killed when its test is through with it, or fails.
pub(crate) struct Running {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Written,
    stderr: Written,
    readers: Vec<JoinHandle<()>>,
}

/// What became of a process that has ended by itself.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let name =
            Path::new(command.get_program()).file_name().unwrap_or(OsStr::new("?")).to_string_lossy().into();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (stdout, stderr) = (Written::default(), Written::default());
        let readers =
            vec![stdout.gather(child.stdout.take().unwrap()), stderr.gather(child.stderr.take().unwrap())];
        Self { name, stdin: child.stdin.take(), child, stdout, stderr, readers }
    }

    /// Writes to the process's input.
    pub(crate) fn say(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("its input is open");
        stdin.write_all(bytes).and_then(|()| stdin.flush()).unwrap_or_else(|error| {
            panic!("{} does not read: {error}\n{}", self.name, shown(&self.stderr.bytes()));
        });
    }

    /// Ends the process's input.
    pub(crate) fn end_input(&mut self) {
        self.stdin = None;
    }

    /// Takes the process's input, to write to it from elsewhere.
    pub(crate) fn take_input(&mut self) -> ChildStdin {
        self.stdin.take().expect("its input is open")
    }

    /// Waits until standard output holds `wanted`, and returns the rest of that line.
    pub(crate) fn stdout_line(&self, wanted: &str) -> String {
        self.stdout.wait(&format!("{:?} from {}", wanted, self.name), |bytes| line_after(bytes, wanted))
    }

    /// Waits until standard output has `length` bytes.
    pub(crate) fn stdout_bytes(&self, length: usize) -> Vec<u8> {
        self.stdout.wait(&format!("{length} bytes from {}", self.name), |bytes| {
            bytes.get(..length).map(<[u8]>::to_vec)
        })
    }

    /// All that it has written so far, both ways, as text.
    pub(crate) fn written(&self) -> String {
        let both = [self.stdout.bytes(), self.stderr.bytes()].concat();
        String::from_utf8_lossy(&both).into_owned()
    }

    /// Waits until so many lines that it has written hold all of `words`.
    pub(crate) fn lines_with(&self, words: &[&str], count: usize) {
        poll(&format!("{count} lines with {words:?} from {}", self.name), Instant::now() + DEADLINE, || {
            (count_lines(&self.written(), words) >= count).then_some(())
        });
    }

    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends its input and waits for it to end.
    pub(crate) fn wait(mut self) -> Ended {
        self.end_input();
        let end = Instant::now() + DEADLINE;
        let what = format!("the end of {}", self.name);
        let status = poll(&what, end, || self.child.try_wait().unwrap());
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        let stderr = String::from_utf8_lossy(&self.stderr.bytes()).into_owned();
        Ended { status, stdout: self.stdout.bytes(), stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- {} wrote:\n{}", self.name, shown(self.written().as_bytes()));
        }
    }
}

impl Ended {
    /// Its output, if it ended well.
    #[track_caller]
    pub(crate) fn success(self) -> Vec<u8> {
        assert!(self.status.success(), "{}\n{}", self.status, self.stderr);
        self.stdout
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Ended {
    Running::start(command).wait()
}

/// Asks again and again until there is an answer.
pub(crate) fn poll<T>(what: &str, end: Instant, mut ask: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "{what} did not come in time");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A port that was free a moment ago, for servers that cannot choose one themselves.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// How many lines of `text` hold all of `words`.
pub(crate) fn count_lines(text: &str, words: &[&str]) -> usize {
    text.lines().filter(|line| words.iter().all(|word| line.contains(word))).count()
}

/// The rest of the line after `wanted`, once the line is whole.
fn line_after(bytes: &[u8], wanted: &str) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let rest = &text[text.find(wanted)? + wanted.len()..];
    Some(rest[..rest.find('\n')?].trim().to_owned())
}

fn shown(bytes: &[u8]) -> String {
    let end = bytes.len().saturating_sub(4000);
    String::from_utf8_lossy(&bytes[end..]).into_owned()
}
