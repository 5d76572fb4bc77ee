/** The streams that the remote's tracks are in (WebRTC 1.0, sections 4.4.1.5 and 5.1). */
import type { Line } from './line';
import type { RemoteTracks } from './sections';
import { remoteStream } from './tracks';

export class RemoteStreams {
  readonly #byId = new Map<string, MediaStream>();

  /** `told` is called with each line that begins to be received, when all streams are as they shall be. */
  change(
    added: readonly RemoteTracks[],
    removed: readonly Line[],
    told: (line: Line) => void,
  ): void {
    for (const line of removed) {
      line.remote.setMuted(true);
      for (const stream of line.remoteStreams) move(stream, line, 'removetrack');
      line.remoteStreams = [];
    }
    for (const { line, streams } of added) {
      for (const stream of line.remoteStreams) {
        if (!streams.includes(stream.id)) move(stream, line, 'removetrack');
      }
      line.remoteStreams = streams.map((id) => this.#stream(id));
      for (const stream of line.remoteStreams) move(stream, line, 'addtrack');
    }
    for (const { line } of added) told(line);
  }

  #stream(id: string): MediaStream {
    let stream = this.#byId.get(id);
    if (!stream) {
      stream = remoteStream(id);
      this.#byId.set(id, stream);
    }
    return stream;
  }
}

function move(stream: MediaStream, line: Line, how: 'addtrack' | 'removetrack'): void {
  const { track } = line.remote;
  if (stream.getTracks().includes(track) === (how === 'addtrack')) return;
  if (how === 'addtrack') stream.addTrack(track);
  else stream.removeTrack(track);
  stream.dispatchEvent(new MediaStreamTrackEvent(how, { track }));
}
