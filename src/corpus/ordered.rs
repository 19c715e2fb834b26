//! Work done side by side and finished in order.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// How many threads a run may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Threads {
    /// As many as there are processors to use.
    #[default]
    All,
    /// That many.
    AtMost(NonZeroUsize),
}

impl Threads {
    /// Only the thread that calls.
    pub const ONE: Threads = Threads::AtMost(NonZeroUsize::MIN);

    fn number(self) -> usize {
        match self {
            Threads::All => thread::available_parallelism().map_or(1, NonZeroUsize::get),
            Threads::AtMost(number) => number.get(),
        }
    }
}

/// Takes jobs from `next`, one at a time, does each with `work`, as many at a time as there are threads, and hands the
/// results to `finish` one at a time, in the order of the jobs, until there is no job more or `finish` breaks. Each thread
/// has a worker of its own. A thread is started only when there is a job for it.
///
/// No thread takes a job while its last result waits, so there are never more jobs at once than threads.
pub fn ordered<W, J: Send, R: Send>(
    threads: Threads,
    worker: impl Fn() -> W + Sync,
    next: impl FnMut() -> Option<J> + Send,
    work: impl Fn(&mut W, J) -> R + Sync,
    finish: impl FnMut(R) -> ControlFlow<()> + Send,
) {
    let line = Line {
        jobs: Mutex::new(Jobs { next, taken: 0 }),
        results: Mutex::new(Results { finish, finished: 0 }),
        turn: Condvar::new(),
        stopped: AtomicBool::new(false),
    };
    thread::scope(|scope| line.run(scope, threads, 0, &worker, &work));
}

struct Line<N, F> {
    jobs: Mutex<Jobs<N>>,
    results: Mutex<Results<F>>,
    turn: Condvar,
    stopped: AtomicBool,
}

struct Jobs<N> {
    next: N,
    taken: u64,
}

struct Results<F> {
    finish: F,
    finished: u64,
}

impl<N, F> Line<N, F> {
    /// Takes and does jobs until there is none. Thread `number` starts the next one at the second job it sees.
    fn run<'scope, 'env, W, J: Send, R: Send>(
        &'env self,
        scope: &'scope thread::Scope<'scope, 'env>,
        mut threads: Threads,
        number: usize,
        worker: &'env (impl Fn() -> W + Sync),
        work: &'env (impl Fn(&mut W, J) -> R + Sync),
    ) where
        N: FnMut() -> Option<J> + Send,
        F: FnMut(R) -> ControlFlow<()> + Send,
    {
        let _guard = StopOnPanic(self);
        let mut own = worker();
        let mut may_start = true;
        loop {
            let (ticket, job) = {
                let mut jobs = lock(&self.jobs);
                if self.stopped.load(Ordering::Relaxed) {
                    return;
                }
                let Some(job) = (jobs.next)() else { return };
                jobs.taken += 1;
                (jobs.taken - 1, job)
            };
            if may_start && ticket > number as u64 {
                may_start = false;
                if threads == Threads::All {
                    threads = Threads::AtMost(NonZeroUsize::new(threads.number()).unwrap_or(NonZeroUsize::MIN));
                }
                if number + 1 < threads.number() {
                    scope.spawn(move || self.run(scope, threads, number + 1, worker, work));
                }
            }
            let result = work(&mut own, job);
            let mut results = lock(&self.results);
            while results.finished != ticket {
                if self.stopped.load(Ordering::Relaxed) {
                    return;
                }
                results = self.turn.wait(results).unwrap_or_else(PoisonError::into_inner);
            }
            if (results.finish)(result).is_break() {
                self.stopped.store(true, Ordering::Relaxed);
            }
            results.finished += 1;
            drop(results);
            self.turn.notify_all();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a thread panics, the others would wait for its result.
struct StopOnPanic<'a, N, F>(&'a Line<N, F>);

impl<N, F> Drop for StopOnPanic<'_, N, F> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stopped.store(true, Ordering::Relaxed);
            // Whoever is about to wait has the lock, and whoever waits is woken.
            drop(lock(&self.0.results));
            self.0.turn.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threads(number: usize) -> Threads {
        Threads::AtMost(NonZeroUsize::new(number).unwrap())
    }

    #[test]
    fn results_come_in_the_order_of_the_jobs() {
        for number in [1, 2, 7] {
            let (mut jobs, mut results) = (0..1000_u64, Vec::new());
            let work = |done: &mut u64, job: u64| {
                *done += 1;
                (0..job * 7919 % 5000).fold(job, |sum, n| std::hint::black_box(sum) + n % 2 - n % 2)
            };
            let finish = |result| {
                results.push(result);
                ControlFlow::Continue(())
            };
            ordered(threads(number), || 0, || jobs.next(), work, finish);
            assert_eq!(results, (0..1000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_break_ends_the_work() {
        let (mut jobs, mut results) = (0.., 0);
        let finish = |_| {
            results += 1;
            if results == 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        ordered(threads(3), || (), || jobs.next(), |(), job: u32| job, finish);
        assert_eq!(results, 100);
    }

    #[test]
    fn a_single_job_starts_no_thread() {
        let mut job = Some(());
        let caller = thread::current().id();
        let mut worker = None;
        ordered(threads(4), || (), || job.take(), |(), ()| thread::current().id(), |id| {
            worker = Some(id);
            ControlFlow::Continue(())
        });
        assert_eq!(worker, Some(caller));
    }

    #[test]
    fn a_panic_is_passed_on_and_nobody_waits() {
        let mut jobs = 0..100;
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let work = |(): &mut (), job: i32| assert_ne!(job, 10);
            ordered(threads(3), || (), || jobs.next(), work, |()| ControlFlow::Continue(()));
        }));
        assert!(result.is_err());
    }
}
