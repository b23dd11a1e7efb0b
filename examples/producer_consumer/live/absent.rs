//! Stands in for the live view in a build without the feature `live`: no value of these types can be made.

use std::io;

use bounded_buffer::Stats;
use bounded_buffer::runner::{Event, Observer, Scenario};

#[derive(Clone)]
pub(crate) enum Watch {}

impl Watch {
    pub(crate) fn new(_: &Scenario) -> Self {
        unreachable!("--live is refused before the run starts")
    }
}

impl Observer for Watch {
    fn event(&self, _: &Event) {
        match *self {}
    }
}

pub(crate) enum View {}

impl View {
    #[allow(clippy::needless_pass_by_value, reason = "as the real one")]
    pub(crate) fn open(
        watch: Watch,
        _: &'static str,
        _: &Scenario,
        _: impl Fn() -> Option<Stats> + Send + 'static,
        _: impl Fn() + Send + 'static,
    ) -> io::Result<Self> {
        match watch {}
    }
}

pub(crate) fn leave() {}
