//! The terminal that the view uses. It is restored when the view ends, when the process exits, and when a thread panics.

use std::io::{self, IsTerminal, stdin};
use std::os::fd::AsFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use parking_lot::Mutex;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::{DefaultTerminal, Frame};

/// The terminal while the view uses it. Static, because an exit in any thread must restore it.
static SCREEN: Mutex<Option<DefaultTerminal>> = Mutex::new(None);

/// Switches the terminal to the view. A panic in any thread restores it.
pub(crate) fn enter() -> io::Result<()> {
    let terminal = ratatui::try_init().inspect_err(|_| _ = ratatui::try_restore());
    *SCREEN.lock() = Some(terminal?);
    Ok(())
}

/// Restores the terminal if it is in use. Can be called repeatedly and from any thread.
pub fn leave() {
    // With a time-out, because a thread that draws is blocked while the terminal accepts no output.
    let mut screen = SCREEN.try_lock_for(Duration::from_millis(500));
    let is_in_use = screen.as_mut().is_none_or(|screen| screen.take().is_some());
    if is_in_use {
        // Ignored: the terminal cannot be reached, so there is no place to report it.
        _ = ratatui::try_restore();
    }
}

/// Draws a frame. Returns false if the terminal was restored or cannot be written.
pub(crate) fn draw(render: impl FnOnce(&mut Frame)) -> bool {
    SCREEN.lock().as_mut().is_some_and(|terminal| terminal.draw(render).is_ok())
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
