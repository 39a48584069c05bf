//! The thread that asks the program, so that keys are answered while it does not.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread;
use std::time::Duration;

use super::question::{Answer, Data, Question, Read};
use crate::live::LiveProgram;

/// The time between two answers to one question.
const INTERVAL: Duration = Duration::from_secs(1);

/// The time between two readings of a trace whose root has ended: only spans that outlive the root still come.
const INTERVAL_OF_ENDED: Duration = Duration::from_secs(5);

/// Asks the present question again and again, until it is dropped.
pub(super) struct Reader {
    questions: Sender<Option<Question>>,
    answers: Receiver<Answer>,
}

/// The thread has ended, which only a panic does.
#[derive(Debug)]
pub(super) struct Ended;

impl Reader {
    pub(super) fn start(program: LiveProgram) -> io::Result<Self> {
        let (questions, asked) = channel();
        let (answered, answers) = channel();
        thread::Builder::new().name("tta-top".to_owned()).spawn(move || read(&program, &asked, &answered))?;
        Ok(Self { questions, answers })
    }

    /// Asks this from now on, or nothing.
    pub(super) fn ask(&self, question: Option<Question>) {
        // `answer` tells that the thread has ended.
        let _ = self.questions.send(question);
    }

    /// Returns an answer that has come.
    pub(super) fn answer(&self) -> Result<Option<Answer>, Ended> {
        match self.answers.try_recv() {
            Ok(answer) => Ok(Some(answer)),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(Ended),
        }
    }
}

fn read(program: &LiveProgram, questions: &Receiver<Option<Question>>, answers: &Sender<Answer>) {
    let mut present: Option<Question> = None;
    let mut interval = INTERVAL;
    loop {
        let next = match &present {
            Some(_) => questions.recv_timeout(interval),
            None => questions.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match next {
            // The last one counts: the user has moved on from those before.
            Ok(question) => present = questions.try_iter().last().unwrap_or(question),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let Some(question) = &present else { continue };
        let answer = question.ask(program);
        interval = if is_of_ended(&answer) { INTERVAL_OF_ENDED } else { INTERVAL };
        if answers.send(answer).is_err() {
            return;
        }
    }
}

/// Returns whether the answer is a trace whose root has ended.
fn is_of_ended(answer: &Answer) -> bool {
    matches!(&answer.data, Ok(Read { data: Data::Trace(trace, _), .. }) if trace.complete)
}
