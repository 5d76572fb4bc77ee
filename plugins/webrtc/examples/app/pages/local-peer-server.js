// What PeerJS's examples leave to the page: a PeerServer that can be reached (theirs is on the
// internet), another id for a second page (after the #), and a place to show streams in.
{
  const parameters = new URLSearchParams(location.search);
  const server = { host: parameters.get('host') ?? 'localhost', port: 9000, path: '/' };
  const show = (call) => {
    call.on('stream', (stream) => {
      document.querySelector('video').srcObject = stream;
    });
    return call;
  };
  const { Peer } = window.peerjs;
  window.Peer = class extends Peer {
    constructor(id) {
      super(location.hash.slice(1) || id, server);
      this.on('call', show);
      this.on('open', (id) => console.log(`open: ${id}`));
      this.on('error', (error) => console.error(error));
    }
    call(...parameters) {
      return show(super.call(...parameters));
    }
  };

  // The README passes callbacks to a method that no browser gives them.
  const { mediaDevices } = navigator;
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = (constraints, got, failed) => {
    const stream = getUserMedia(constraints);
    if (got) stream.then(got, failed);
    return stream;
  };
}
