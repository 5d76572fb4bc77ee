//! When the window asks for attention: while a call rings and nobody looks.

use lanline_signaling::protocol::{
    CallId,
    ui::{CallState, Direction, Event},
};

/// Which call the window asks for attention for.
#[derive(Debug, Default)]
pub(crate) struct Attention {
    ringing: Option<CallId>,
}

/// What the window should do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Ask for attention.
    Ask,
    /// No longer.
    Stop,
}

impl Attention {
    /// Takes an event that goes to the page; says what it changes.
    pub(crate) fn handle_event(&mut self, event: &Event) -> Option<Change> {
        let Event::Call(call) = event else {
            return None;
        };
        let rings = call.direction == Direction::Incoming && call.state == CallState::Ringing;
        if rings && self.ringing.is_none() {
            self.ringing = Some(call.id.clone());
            return Some(Change::Ask);
        }
        if !rings && self.ringing.as_ref() == Some(&call.id) {
            self.ringing = None;
            return Some(Change::Stop);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use lanline_signaling::protocol::{
        codes::EndReason,
        ui::{CallView, Holder},
    };

    use super::*;

    fn call(id: &CallId, direction: Direction, state: CallState) -> Event {
        Event::Call(CallView {
            id: id.clone(),
            direction,
            state,
            end: (state == CallState::Ended).then_some(EndReason::Cancelled),
            merged_into: None,
            video: true,
            participants: Vec::new(),
            holder: Holder::Nobody,
            connected_ms: None,
        })
    }

    #[test]
    fn asks_once_while_a_call_comes_in() {
        let id = CallId::random();
        let mut attention = Attention::default();
        let ringing = call(&id, Direction::Incoming, CallState::Ringing);
        assert_eq!(attention.handle_event(&ringing), Some(Change::Ask));
        assert_eq!(attention.handle_event(&ringing), None);
        let other = call(&CallId::random(), Direction::Incoming, CallState::Ended);
        assert_eq!(attention.handle_event(&other), None);
        let ended = call(&id, Direction::Incoming, CallState::Ended);
        assert_eq!(attention.handle_event(&ended), Some(Change::Stop));
        assert_eq!(attention.handle_event(&ended), None);
    }

    #[test]
    fn own_calls_ask_for_nothing() {
        let mut attention = Attention::default();
        let ringing = call(&CallId::random(), Direction::Outgoing, CallState::Ringing);
        assert_eq!(attention.handle_event(&ringing), None);
        assert_eq!(attention.handle_event(&Event::NetworkChanged), None);
    }
}
