//! Work done side by side and finished in order.

use std::collections::VecDeque;
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

    pub(super) fn number(self) -> usize {
        match self {
            Threads::All => thread::available_parallelism().map_or(1, NonZeroUsize::get),
            Threads::AtMost(number) => number.get(),
        }
    }
}

/// How many jobs may be taken and not finished, beyond one a thread: so many threads can go on while an earlier result is
/// still to come.
const AHEAD: u64 = 2;

/// Takes jobs from `next`, one at a time, does each with `work`, as many at a time as there are threads, and hands the
/// results to `finish` one at a time, in the order of the jobs, until there is no job more or `finish` breaks. Each thread
/// has a worker of its own. A thread is started only when there is a job for it, and there are never more jobs at once
/// than threads and two.
pub(crate) fn ordered<W, J: Send, R: Send>(
    threads: Threads,
    worker: impl Fn() -> W + Sync,
    next: impl FnMut() -> Option<J> + Send,
    work: impl Fn(&mut W, J) -> R + Sync,
    finish: impl FnMut(R) -> ControlFlow<()> + Send,
) {
    ordered_by(thread::Builder::new, threads, worker, next, work, finish);
}

/// The same with threads that this builds.
fn ordered_by<W, J: Send, R: Send>(
    builder: fn() -> thread::Builder,
    threads: Threads,
    worker: impl Fn() -> W + Sync,
    next: impl FnMut() -> Option<J> + Send,
    work: impl Fn(&mut W, J) -> R + Sync,
    finish: impl FnMut(R) -> ControlFlow<()> + Send,
) {
    let line = Line {
        builder,
        jobs: Mutex::new(Jobs { next, taken: 0 }),
        results: Mutex::new(Results { ready: VecDeque::new(), finished: 0, is_finishing: false }),
        finish: Mutex::new(finish),
        room: Condvar::new(),
        stopped: AtomicBool::new(false),
    };
    thread::scope(|scope| line.run(scope, threads, 0, &worker, &work));
}

struct Line<N, F, R> {
    builder: fn() -> thread::Builder,
    jobs: Mutex<Jobs<N>>,
    results: Mutex<Results<R>>,
    finish: Mutex<F>,
    /// Told when a result is finished.
    room: Condvar,
    stopped: AtomicBool,
}

struct Jobs<N> {
    next: N,
    taken: u64,
}

struct Results<R> {
    /// The results that are to be finished, from the first on; none where one is still to come.
    ready: VecDeque<Option<R>>,
    finished: u64,
    /// Whether a thread finishes those that are ready.
    is_finishing: bool,
}

impl<N, F, R: Send> Line<N, F, R> {
    /// Takes and does jobs until there is none. Thread `number` starts the next one at the second job it sees.
    fn run<'scope, 'env, W, J: Send>(
        &'env self,
        scope: &'scope thread::Scope<'scope, 'env>,
        mut threads: Threads,
        number: usize,
        worker: &'env (impl Fn() -> W + Sync),
        work: &'env (impl Fn(&mut W, J) -> R + Sync),
    ) where
        N: FnMut() -> Option<J> + Send,
        F: FnMut(R) -> ControlFlow<()> + Send,
        R: 'env,
    {
        let _guard = StopOnPanic(self);
        let mut own = worker();
        let mut may_start = true;
        loop {
            let (ticket, job) = {
                let mut jobs = lock(&self.jobs);
                if may_start && jobs.taken > number as u64 {
                    // From the second job on it matters how many threads there may be.
                    threads = Threads::AtMost(NonZeroUsize::new(threads.number()).unwrap_or(NonZeroUsize::MIN));
                }
                if !self.wait_for_room(jobs.taken, threads) {
                    return;
                }
                let Some(job) = (jobs.next)() else { return };
                jobs.taken += 1;
                (jobs.taken - 1, job)
            };
            if may_start && ticket > number as u64 {
                may_start = false;
                if number + 1 < threads.number() {
                    // Where the system has no thread more to give, those that there are do the work.
                    let another = move || self.run(scope, threads, number + 1, worker, work);
                    let _ = (self.builder)().spawn_scoped(scope, another);
                }
            }
            let result = work(&mut own, job);
            self.hand_in(ticket, result);
        }
    }

    /// Waits until another job may be taken. False where none is to be.
    fn wait_for_room(&self, taken: u64, threads: Threads) -> bool {
        let mut results = lock(&self.results);
        while !self.stopped.load(Ordering::Relaxed) {
            // While there is no second job the number of threads has not been asked for.
            if taken - results.finished <= AHEAD || taken - results.finished < threads.number() as u64 + AHEAD {
                return true;
            }
            results = self.room.wait(results).unwrap_or_else(PoisonError::into_inner);
        }
        false
    }

    /// Takes a result in, and finishes those whose turn has come, unless another thread is at it.
    fn hand_in(&self, ticket: u64, result: R)
    where
        F: FnMut(R) -> ControlFlow<()>,
    {
        let mut results = lock(&self.results);
        let place = (ticket - results.finished) as usize;
        while results.ready.len() <= place {
            results.ready.push_back(None);
        }
        results.ready[place] = Some(result);
        if results.is_finishing {
            return;
        }
        results.is_finishing = true;
        while let Some(result) = results.ready.front_mut().and_then(Option::take) {
            results.ready.pop_front();
            results.finished += 1;
            drop(results);
            self.room.notify_all();
            if !self.stopped.load(Ordering::Relaxed) && lock(&self.finish)(result).is_break() {
                self.stop();
            }
            results = lock(&self.results);
        }
        results.is_finishing = false;
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Whoever is about to wait has the lock, and whoever waits is woken.
        drop(lock(&self.results));
        self.room.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a thread panics, the others would wait for its result.
struct StopOnPanic<'a, N, F, R: Send>(&'a Line<N, F, R>);

impl<N, F, R: Send> Drop for StopOnPanic<'_, N, F, R> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop();
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
        ordered(
            threads(4),
            || (),
            || job.take(),
            |(), ()| thread::current().id(),
            |id| {
                worker = Some(id);
                ControlFlow::Continue(())
            },
        );
        assert_eq!(worker, Some(caller));
    }

    #[test]
    #[cfg(unix)]
    fn where_no_thread_can_be_started_the_caller_does_it_all() {
        // There is no room for such a stack.
        let builder = || thread::Builder::new().stack_size(1 << 60);
        assert!(builder().spawn(|| ()).is_err());
        let (mut jobs, mut results) = (0..100, Vec::new());
        let caller = thread::current().id();
        let work = |(): &mut (), job: i32| {
            assert_eq!(thread::current().id(), caller);
            job
        };
        let finish = |result| {
            results.push(result);
            ControlFlow::Continue(())
        };
        ordered_by(builder, threads(4), || (), || jobs.next(), work, finish);
        assert_eq!(results, (0..100).collect::<Vec<_>>());
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
