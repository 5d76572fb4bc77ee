use super::*;

const SECOND: Duration = Duration::from_secs(1);
const SHORT: Duration = Duration::from_millis(10);
const DESIRED: u64 = 2_500_000;

/// A brake, and what it is told.
struct Drive {
    brake: Brake,
    now: Instant,
    sent: u64,
}

impl Drive {
    fn new() -> Self {
        Self {
            brake: Brake::default(),
            now: Instant::now(),
            sent: 0,
        }
    }

    /// So long, `rate` (bit/s) or as much as is allowed is sent, and `loss` of it is lost.
    fn on(&mut self, duration: Duration, rate: u64, loss: f32, round_trip: Duration) {
        let end = self.now + duration;
        while self.now < end {
            self.now += SECOND / 4;
            self.sent += self.brake.bound(rate) / 8 / 4;
            let measured = Measured {
                sent: self.sent,
                loss: Some(loss),
                round_trip: Some(round_trip),
                estimate: Some(rate),
            };
            self.brake.measure(self.now, measured, DESIRED);
        }
    }

    fn limit(&self) -> u64 {
        self.brake.bound(u64::MAX)
    }
}

#[test]
fn what_is_lost_for_want_of_room_slows_it_down_again_and_again() {
    let mut drive = Drive::new();
    drive.on(3 * SECOND, 1_000_000, 0.0, SHORT);
    assert_eq!(drive.limit(), u64::MAX);
    drive.on(SECOND, 1_000_000, 0.2, SHORT);
    let first = drive.limit();
    assert!((450_000..750_000).contains(&first), "{first}");
    drive.on(8 * SECOND, 1_000_000, 0.0, SHORT);
    let grown = drive.limit();
    assert!(grown > first * 6 / 5, "{grown}");
    drive.on(2 * SECOND, 1_000_000, 0.2, SHORT);
    assert!(drive.limit() < grown * 4 / 5, "{}", drive.limit());
}

#[test]
fn what_is_lost_anyway_slows_it_down_once() {
    let mut drive = Drive::new();
    drive.on(2 * SECOND, 1_000_000, 0.15, SHORT);
    let cut = drive.limit();
    drive.on(10 * SECOND, 1_000_000, 0.14, SHORT);
    let grown = drive.limit();
    assert!(grown > cut, "{grown} after {cut}");
    drive.on(2 * SECOND, 1_000_000, 0.3, SHORT);
    assert!(drive.limit() < grown * 4 / 5, "{}", drive.limit());
}

#[test]
fn a_little_loss_with_a_queue_is_too_much_and_goes_on_being_so() {
    let mut drive = Drive::new();
    drive.on(3 * SECOND, 500_000, 0.0, SHORT);
    drive.on(2 * SECOND, 500_000, 0.06, SHORT);
    assert_eq!(drive.limit(), u64::MAX);
    let full = Duration::from_millis(150);
    drive.on(2 * SECOND, 500_000, 0.06, full);
    let first = drive.limit();
    assert!(first < 450_000, "{first}");
    drive.on(3 * SECOND, 500_000, 0.06, full);
    assert!(drive.limit() < first * 9 / 10, "{}", drive.limit());
}

#[test]
fn a_queue_that_does_not_drain_slows_it_down_further() {
    let mut drive = Drive::new();
    drive.on(3 * SECOND, 500_000, 0.0, SHORT);
    let full = Duration::from_millis(450);
    drive.on(2 * SECOND, 500_000, 0.0, full);
    let first = drive.limit();
    assert!(first <= 500_000, "{first}");
    drive.on(3 * SECOND, 600_000, 0.0, full);
    assert!(drive.limit() < first * 9 / 10, "{}", drive.limit());
    drive.on(20 * SECOND, 600_000, 0.0, SHORT);
    assert!(drive.limit() > 500_000, "{}", drive.limit());
}

#[test]
fn it_is_not_let_go_further_than_was_tried() {
    let mut drive = Drive::new();
    drive.on(3 * SECOND, 1_000_000, 0.2, SHORT);
    drive.on(60 * SECOND, 200_000, 0.0, SHORT);
    let untried = drive.limit();
    assert!(untried < 900_000, "{untried}");
    drive.on(20 * SECOND, 3_000_000, 0.0, SHORT);
    assert!(drive.limit() > 2_000_000, "{}", drive.limit());
}
