// Notes when things happen in a page of Lanline, by the clock that all pages and programs share:
// milliseconds since the Unix epoch. `await moments.next(what)` is the time of the next such thing
// since `moments.forget()`:
//
//   "click LABEL"     a button was pressed (when the browser got the input)
//   "NAME appeared", "NAME gone"   in the list of people nearby
//   "ring"            the button to accept a call is there
//   "frame"           the first frame of a remote picture was rendered
{
  const times = new Map();
  const waiting = new Map();
  const noted = (what, at) => {
    if (times.has(what)) return;
    times.set(what, at);
    waiting.get(what)?.(at);
  };
  const clock = (now = performance.now()) => performance.timeOrigin + now;
  const label = (element) => element.getAttribute("aria-label") ?? element.textContent.trim();

  let names = new Set();
  let ringing = false;
  const watched = new WeakSet();
  const awaitFrame = (video) => {
    video.requestVideoFrameCallback(() => {
      const name = video.getAttribute("aria-label");
      // The self view is a video too; a remote one has no name before the call is accepted.
      if (name === "Your camera" || name === null) awaitFrame(video);
      else noted("frame", clock());
    });
  };
  const look = () => {
    const list = document.querySelector('ul[aria-label="People nearby"]');
    if (list) {
      const now = new Set([...list.querySelectorAll("h3")].map((each) => each.textContent.trim()));
      for (const name of now) if (!names.has(name)) noted(`${name} appeared`, clock());
      for (const name of names) if (!now.has(name)) noted(`${name} gone`, clock());
      names = now;
    }
    const rings = [...document.querySelectorAll("button")].some((each) => label(each) === "Accept");
    if (rings && !ringing) noted("ring", clock());
    ringing = rings;
    for (const video of document.querySelectorAll("video")) {
      if (watched.has(video)) continue;
      watched.add(video);
      awaitFrame(video);
    }
  };
  const changes = { childList: true, subtree: true, characterData: true, attributes: true };
  new MutationObserver(look).observe(document, changes);
  const onClick = (event) => {
    const button = event.target.closest("button");
    if (button) noted(`click ${label(button)}`, clock(event.timeStamp));
  };
  document.addEventListener("click", onClick, { capture: true });
  look();

  window.moments = {
    forget: () => {
      times.clear();
      waiting.clear();
    },
    next: (what) =>
      new Promise((resolve) => {
        if (times.has(what)) resolve(times.get(what));
        else waiting.set(what, resolve);
      }),
  };
}
