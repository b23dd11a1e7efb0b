//! The ways to cancel a future.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Cancel {
    /// `tokio::time::timeout_at`. Needs a runtime of tokio.
    TokioTimeout,
    /// `tokio::select!` against a task that yields a few times.
    TokioSelect,
    /// The same with `futures::select!`.
    FuturesSelect,
    /// `smol::future::or` with a timer.
    SmolTimer,
}

impl Cancel {
    /// Polls the future until it is ready or cancelled. Returns `None` if it was cancelled.
    pub(crate) async fn run<F: Future + Unpin>(self, future: F) -> Option<F::Output> {
        let output = match self {
            Self::TokioTimeout => tokio::time::timeout_at(soon_or_past(), future).await.ok(),
            Self::TokioSelect => tokio::select! {
                output = future => Some(output),
                () = a_few_yields() => None,
            },
            Self::FuturesSelect => {
                let (mut future, mut end) = (future.fuse(), pin!(a_few_yields().fuse()));
                futures::select! {
                    output = future => Some(output),
                    () = end => None,
                }
            }
            Self::SmolTimer => {
                let timer = async {
                    smol::Timer::after(a_moment()).await;
                    None
                };
                smol::future::or(async { Some(future.await) }, timer).await
            }
        };
        if output.is_none() {
            // A time-out of zero never returns to the executor, and its other tasks would not run.
            Yields(1).await;
            // Lets other threads run. Next to busy loops a yield lasts as long as their time slices, a short sleep does not.
            std::thread::sleep(Duration::from_micros(20));
        }
        output
    }
}

/// The timer of tokio rounds up to 1 ms. A deadline in the past ends after the first poll.
fn soon_or_past() -> tokio::time::Instant {
    tokio::time::Instant::now() + Duration::from_micros(fastrand::u64(0..2500)) - Duration::from_millis(2)
}

/// Often zero, so that many futures are cancelled.
fn a_moment() -> Duration {
    Duration::from_micros(fastrand::u64(0..4))
}

fn a_few_yields() -> Yields {
    Yields(fastrand::u32(1..5))
}

/// Returns to the executor this many times.
struct Yields(u32);

impl Future for Yields {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
