import { isOn, type CallModel } from '../../app/model';

/** What a person does about their microphone and camera, by button or by key. */
export function switches(call: CallModel) {
  return {
    microphone: () => {
      call.setMuted(isOn(call.microphone));
    },
    camera: () => {
      call.setCamera(!isOn(call.camera));
    },
  };
}
