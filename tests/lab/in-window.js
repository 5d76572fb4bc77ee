// Runs in the app's window, sent over WebDriver: what is seen and heard there. Pictures are looked at
// where they are painted: that an element counts them would not say what they show.

const lab = {
  /** Pictures of this person are shown, they change, and they aren't black. Resolves to their size. */
  async seesPicture(name) {
    const canvas = document.createElement("canvas");
    canvas.width = 64;
    canvas.height = 36;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const seen = new Set();
    for (;;) {
      await new Promise(requestAnimationFrame);
      const video = this.video(name);
      if (!video || video.videoWidth === 0 || video.paused) continue;
      context.drawImage(video, 0, 0, 64, 36);
      const data = context.getImageData(0, 0, 64, 36).data;
      if (Math.max(...data.filter((_, index) => index % 4 !== 3)) >= 48) seen.add(data.join());
      if (seen.size >= 5) return { width: video.videoWidth, height: video.videoHeight };
    }
  },

  /** The own picture is shown, it changes, and it isn't black. */
  async seesItself() {
    const seen = new Set();
    for (;;) {
      await new Promise(requestAnimationFrame);
      const canvas = document.querySelector("button > canvas");
      if (!canvas || canvas.width * canvas.height === 0) continue;
      const { width, height } = canvas;
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
      if (data.some((value, index) => index % 4 !== 3 && value >= 48)) seen.add(data.join());
      if (seen.size >= 5) return;
    }
  },

  /** The middle of this person's picture has a colour, give or take what codecs make of it. */
  async seesColour(name, colour) {
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    for (;;) {
      await new Promise(requestAnimationFrame);
      const video = this.video(name);
      if (!video || video.videoWidth === 0) continue;
      context.drawImage(video, 0, 0, 9, 9);
      const { data } = context.getImageData(4, 4, 1, 1);
      if (colour.every((value, index) => Math.abs(value - data[index]) < 32)) return;
    }
  },

  /** Sound of this person comes, and it isn't silence. */
  async hears(name) {
    await this.listen(name, (loudest) => loudest > 0.01);
  },

  /** No sound of this person for a second. */
  async hearsSilence(name) {
    let since = performance.now();
    await this.listen(name, (loudest) => {
      if (loudest > 0.001) since = performance.now();
      return performance.now() - since > 1000;
    });
  },

  async listen(name, enough) {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    // 0.7 seconds: a beep isn't missed between two looks, however busy the machine is.
    analyser.fftSize = 32768;
    const samples = new Float32Array(analyser.fftSize);
    let source;
    let stream;
    for (;;) {
      await new Promise(requestAnimationFrame);
      const now = this.video(name)?.srcObject ?? undefined;
      if (!now?.getAudioTracks().length) continue;
      if (stream !== now) {
        source?.disconnect();
        stream = now;
        source = context.createMediaStreamSource(stream);
        source.connect(analyser);
      }
      analyser.getFloatTimeDomainData(samples);
      if (enough(Math.max(...samples.map(Math.abs)))) break;
    }
    await context.close();
  },

  video(name) {
    return document.querySelector(`video[aria-label=${JSON.stringify(name)}]`);
  },
};
