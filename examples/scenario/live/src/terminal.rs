//! The terminal that the view uses. It is restored when the view ends, when the process exits, and when a thread panics.

use std::io::{self, IsTerminal, Stdout, stdin, stdout};
use std::os::fd::AsFd;
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use parking_lot::Mutex;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::{Frame, Terminal};

/// Whether the view uses the terminal. Static, because a panic or an exit in any thread must restore it.
static IN_USE: AtomicBool = AtomicBool::new(false);

/// The screen. Its lock is held while drawing and while restoring the terminal.
static SCREEN: Mutex<Option<Terminal<CrosstermBackend<Stdout>>>> = Mutex::new(None);

/// Switches the terminal to the view.
pub(crate) fn enter() -> io::Result<()> {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        leave(); // before the message, which would vanish with the alternate screen
        before(panic);
    }));
    enable_raw_mode()?;
    IN_USE.store(true, Ordering::SeqCst);
    let opened = execute!(stdout(), EnterAlternateScreen).and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
    opened.map(|terminal| *SCREEN.lock() = Some(terminal)).inspect_err(|_| leave())
}

/// Restores the terminal if it is in use. Can be called repeatedly and from any thread.
pub fn leave() {
    // Excludes a thread that draws. With a time-out, because this may be the panic hook of a thread that draws and holds the
    // lock.
    let screen = SCREEN.try_lock_for(Duration::from_millis(500));
    if IN_USE.swap(false, Ordering::SeqCst) {
        // Ignored: the terminal cannot be reached, so there is no place to report it.
        _ = disable_raw_mode();
        _ = execute!(stdout(), LeaveAlternateScreen, Show);
    }
    drop(screen);
}

/// Draws a frame. Returns false if the terminal was restored or cannot be written.
pub(crate) fn draw(render: impl FnOnce(&mut Frame)) -> bool {
    let mut screen = SCREEN.lock();
    IN_USE.load(Ordering::SeqCst) && screen.as_mut().is_some_and(|terminal| terminal.draw(render).is_ok())
}

/// Returns the number of columns.
pub(crate) fn width() -> u16 {
    SCREEN.lock().as_ref().and_then(|terminal| terminal.size().ok()).map_or(0, |size| size.width)
}

/// Waits for a key for at most this time, and returns its character. Ctrl-C is the same as q.
///
/// Fails when the terminal is closed. crossterm does not notice that and would read in an endless loop, so it is called only
/// when there is input.
pub(crate) fn key(within: Duration) -> io::Result<Option<char>> {
    let stdin = stdin();
    if stdin.is_terminal() {
        let mut keyboard = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
        let timeout = PollTimeout::try_from(within).map_err(io::Error::other)?;
        match poll(&mut keyboard, timeout) {
            Ok(0) | Err(Errno::EINTR) => return Ok(None), // EINTR: the size of the window changed, for example
            result => result?,
        };
        if keyboard[0].revents() != Some(PollFlags::POLLIN) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
    }
    if !event::poll(within)? {
        return Ok(None);
    }
    let Event::Key(key) = event::read()? else { return Ok(None) };
    Ok(match key.code {
        _ if key.kind != KeyEventKind::Press => None,
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Some('q'),
        KeyCode::Char(character) => Some(character),
        _ => None,
    })
}
