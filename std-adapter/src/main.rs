//! The program `ferrule`: its place.
fn main() -> std::process::ExitCode {
    eprintln!("ferrule: not built yet");
    std::process::ExitCode::from(2)
}
