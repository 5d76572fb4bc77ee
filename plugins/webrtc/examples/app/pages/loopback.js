// A call with both ends in one window, as the W3C interface is meant to be used.
let caller = null;
let callee = null;
let channel = null;
let sender = null;
let camera = null;

function say(text) {
  const line = document.createElement('li');
  line.textContent = text;
  document.querySelector('#log').append(line);
}

/** Perfect negotiation (WebRTC 1.0, section 10.7), with the other end in the same page. */
function connect(connection, other, polite) {
  let making = false;
  let ignoring = false;
  connection.onnegotiationneeded = async () => {
    making = true;
    await connection.setLocalDescription();
    making = false;
    await other().signal({ description: connection.localDescription });
  };
  connection.onicecandidate = ({ candidate }) => other().signal({ candidate });
  connection.signal = async ({ description, candidate }) => {
    if (!description) {
      await connection.addIceCandidate(candidate).catch((error) => {
        if (!ignoring) throw error;
      });
      return;
    }
    const collision =
      description.type === 'offer' && (making || connection.signalingState !== 'stable');
    ignoring = !polite && collision;
    if (ignoring) return;
    await connection.setRemoteDescription(description);
    if (description.type !== 'offer') return;
    await connection.setLocalDescription();
    await other().signal({ description: connection.localDescription });
  };
}

async function call() {
  camera = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  document.querySelector('#local').srcObject = camera;
  caller = new RTCPeerConnection();
  callee = new RTCPeerConnection();
  connect(caller, () => callee, false);
  connect(callee, () => caller, true);
  caller.onconnectionstatechange = () => say(`caller: ${caller.connectionState}`);
  caller.oniceconnectionstatechange = () => say(`ICE: ${caller.iceConnectionState}`);
  callee.ontrack = ({ track, streams: [stream] }) => {
    say(`track: ${track.kind}`);
    document.querySelector('#remote').srcObject = stream;
  };
  callee.ondatachannel = (event) => {
    event.channel.onmessage = ({ data }) => {
      say(`received: ${data}`);
      event.channel.send(`${data}, too`);
    };
  };
  channel = caller.createDataChannel('chat');
  channel.onopen = () => say('channel: open');
  channel.onmessage = ({ data }) => say(`answered: ${data}`);
  for (const track of camera.getTracks()) {
    const added = caller.addTrack(track, camera);
    if (track.kind === 'video') sender = added;
  }
}

async function share() {
  const screen = await navigator.mediaDevices.getDisplayMedia({ video: true });
  document.querySelector('#local').srcObject = screen;
  await sender.replaceTrack(screen.getVideoTracks()[0]);
  say('the screen is shared');
}

async function backToCamera() {
  const shared = sender.track;
  await sender.replaceTrack(camera.getVideoTracks()[0]);
  shared.stop();
  document.querySelector('#local').srcObject = camera;
  say('the camera is back');
}

function hangUp() {
  caller.close();
  callee.close();
  for (const track of camera.getTracks()) track.stop();
  say('hung up');
}

const actions = {
  '#call': call,
  '#share': share,
  '#camera': backToCamera,
  '#mute': () => {
    sender.track.enabled = !sender.track.enabled;
    say(sender.track.enabled ? 'on' : 'off');
  },
  '#restart': () => caller.restartIce(),
  '#hang-up': hangUp,
};
for (const [button, action] of Object.entries(actions)) {
  document.querySelector(button).onclick = async () => {
    try {
      await action();
    } catch (error) {
      say(`${error.name}: ${error.message}`);
    }
  };
}
document.querySelector('#chat').onsubmit = (event) => {
  event.preventDefault();
  channel.send(document.querySelector('#text').value);
};

setInterval(async () => {
  if (callee?.connectionState !== 'connected') return;
  const lines = [];
  for (const { type, kind, framesDecoded, bytesReceived, roundTripTime } of (
    await callee.getStats()
  ).values()) {
    if (type === 'inbound-rtp')
      lines.push(`${kind}: ${bytesReceived} bytes, ${framesDecoded ?? '–'} frames`);
    if (type === 'remote-inbound-rtp' && roundTripTime)
      lines.push(`round trip: ${roundTripTime} s`);
  }
  document.querySelector('#stats').textContent = lines.join('\n');
}, 1000);
