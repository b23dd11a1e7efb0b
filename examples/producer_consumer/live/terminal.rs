//! The terminal while the view has it, and how it gets back what it was, whatever happens.

use std::io::{self, Stdout, stdout};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::{Frame, Terminal};

/// Has the view the terminal? There is one for a process, and a panic or an exit anywhere must find it.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// What is drawn on. Its lock is held to draw, and to give the terminal back.
static SCREEN: Mutex<Option<Terminal<CrosstermBackend<Stdout>>>> = Mutex::new(None);

/// Takes over the terminal.
pub(crate) fn enter() -> io::Result<()> {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        leave(); // or else the message would vanish with the alternate screen
        before(panic);
    }));
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let opened = execute!(stdout(), EnterAlternateScreen).and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
    opened.map(|terminal| *SCREEN.lock() = Some(terminal)).inspect_err(|_| leave())
}

/// Gives it back, if it was taken. To be called any number of times, from any thread.
pub(crate) fn leave() {
    // Keeps a drawing thread off. One that panicked as it drew holds the lock itself, and will draw no more: do without.
    let screen = SCREEN.try_lock_for(Duration::from_millis(500));
    if TAKEN.swap(false, Ordering::SeqCst) {
        // There is nobody to tell: the terminal is what could not be reached.
        _ = disable_raw_mode();
        _ = execute!(stdout(), LeaveAlternateScreen, Show);
    }
    drop(screen);
}

/// False if the terminal was given back, or is gone.
pub(crate) fn draw(render: impl FnOnce(&mut Frame)) -> bool {
    let mut screen = SCREEN.lock();
    TAKEN.load(Ordering::SeqCst) && screen.as_mut().is_some_and(|terminal| terminal.draw(render).is_ok())
}

/// Columns.
pub(crate) fn width() -> u16 {
    SCREEN.lock().as_ref().and_then(|terminal| terminal.size().ok()).map_or(0, |size| size.width)
}

/// Waits as long as this for a key; true if it was one that ends the run. Any other event is a reason to draw again.
pub(crate) fn is_end_pressed(within: Duration) -> io::Result<bool> {
    if !event::poll(within)? {
        return Ok(false);
    }
    let Event::Key(key) = event::read()? else { return Ok(false) };
    let ctrl_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    Ok(key.kind == KeyEventKind::Press && (ctrl_c || key.code == KeyCode::Char('q')))
}
