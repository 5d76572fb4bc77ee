//! Bad networks: what a page sees of loss, delay, too little room, outages.

use std::time::Duration;

use super::{
    camera::{Camera, WISH, longest_gap, pictures},
    network::Link,
    pair::Pair,
};

const SECOND: Duration = Duration::from_secs(1);

/// A link of half a megabit that keeps so many bytes, and loses what is more.
fn half_a_megabit(link: &mut Link, queue: u64) {
    link.rate = Some(500_000);
    link.queue = queue;
}

/// A policer with a burst of 150 ms, and a router with half a second of buffer.
const QUEUES: [u64; 2] = [9_400, 30_000];

#[test]
fn loss_and_delay_freeze_nothing() {
    for (loss, longest) in [(50, SECOND / 2), (100, SECOND)] {
        let mut pair = Pair::new();
        pair.both_ways(|link| {
            link.loss = loss;
            link.delay = Duration::from_millis(30);
        });
        let (offerer, _) = pair.connect(false);
        let mut camera = Camera::new(&mut pair, 0, &offerer["media"][1]);
        camera.film(&mut pair, 2 * SECOND);
        let since = pair.now;
        camera.film(&mut pair, 30 * SECOND);
        let gap = longest_gap(&pair, 1, since);
        assert!(gap < longest, "{gap:?} without a picture at {loss} ‰ lost");
        let shown = pictures(&pair, 1, since);
        assert!(shown > 850, "{shown} of 900 pictures at {loss} ‰ lost");
        assert!(camera.budget > WISH / 2, "{} bit/s", camera.budget);
    }
}

#[test]
fn the_first_second_is_enough_to_find_the_room_there_is() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    let mut camera = Camera::new(&mut pair, 0, &offerer["media"][1]);
    camera.film(&mut pair, SECOND);
    assert!(camera.budget > 1_500_000, "{} bit/s", camera.budget);
    assert!(pictures(&pair, 1, pair.now - SECOND / 2) >= 14);
}

#[test]
fn half_a_megabit_is_found_and_kept_to() {
    // What happens behind a policer hangs on microseconds. The link is narrow from the end of the handshakes on, for the
    // signatures in them are of 70 to 72 bytes, and each byte is 16 µs there; and the camera begins at several times.
    // In 100 of them: gaps of up to 2.8 s (0.6 s in half of them) and 1,022 pictures at least; with the longer queue 2.5 s
    // in one, 1.3 s in another, and 0.3 s at most in all others, and 1,142 pictures.
    let bounds = [(3 * SECOND, 1_000, 150_000), (2 * SECOND, 1_150, 250_000)];
    for (queue, (longest, fewest, least)) in QUEUES.into_iter().zip(bounds) {
        for later in 0..6 {
            let mut pair = Pair::new();
            let (offerer, _) = pair.connect(false);
            half_a_megabit(&mut pair.links[0], queue);
            pair.run(Duration::from_micros(later * 997));
            let start = pair.now;
            let mut camera = Camera::new(&mut pair, 0, &offerer["media"][1]);
            camera.film(&mut pair, 5 * SECOND);
            let gap = longest_gap(&pair, 1, start);
            assert!(gap < 3 * SECOND, "{gap:?} at first, queue {queue}");
            let since = pair.now;
            camera.film(&mut pair, 40 * SECOND);
            let gap = longest_gap(&pair, 1, since);
            assert!(gap < longest, "{gap:?} later, queue {queue}, {later}");
            let shown = pictures(&pair, 1, since);
            assert!(
                shown > fewest,
                "{shown} of 1200 pictures, queue {queue}, {later}"
            );
            assert!(camera.budget > least, "{} bit/s", camera.budget);
        }
    }
}

#[test]
fn what_a_link_loses_anyway_does_not_slow_it_down_for_good() {
    for loss in [50, 120] {
        let mut pair = Pair::new();
        let (offerer, _) = pair.connect(false);
        pair.both_ways(|link| link.loss = loss);
        let mut camera = Camera::new(&mut pair, 0, &offerer["media"][1]);
        camera.film(&mut pair, 10 * SECOND);
        pair.both_ways(|link| link.delay = Duration::from_millis(120));
        camera.film(&mut pair, 3 * SECOND);
        pair.both_ways(|link| link.delay = Duration::from_millis(5));
        camera.film(&mut pair, 45 * SECOND);
        assert!(
            camera.budget > WISH / 5 * 4,
            "{} bit/s at {loss} ‰ lost",
            camera.budget
        );
    }
}

#[test]
fn a_link_that_narrows_is_followed_and_so_is_one_that_widens() {
    for queue in QUEUES {
        let mut pair = Pair::new();
        let (offerer, _) = pair.connect(false);
        let mut camera = Camera::new(&mut pair, 0, &offerer["media"][1]);
        camera.film(&mut pair, 8 * SECOND);
        assert_eq!(camera.budget, WISH);
        half_a_megabit(&mut pair.links[0], queue);
        camera.film(&mut pair, 6 * SECOND);
        let since = pair.now;
        camera.film(&mut pair, 6 * SECOND);
        let shown = pictures(&pair, 1, since);
        assert!(shown > 130, "{shown} of 180 pictures, queue {queue}");
        pair.links[0].rate = None;
        camera.film(&mut pair, 20 * SECOND);
        assert!(camera.budget > 1_500_000, "{} bit/s", camera.budget);
    }
}

#[test]
fn pictures_are_back_within_a_second_of_an_outage() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    let mut camera = Camera::new(&mut pair, 0, &offerer["media"][1]);
    camera.film(&mut pair, 3 * SECOND);
    pair.both_ways(|link| link.cut = true);
    camera.film(&mut pair, 8 * SECOND);
    pair.both_ways(|link| link.cut = false);
    let back = pair.now;
    camera.film(&mut pair, 3 * SECOND);
    let gap = longest_gap(&pair, 1, back);
    assert!(gap < SECOND, "{gap:?} after the outage");
    assert!(camera.budget > 1_500_000, "{} bit/s", camera.budget);
}
