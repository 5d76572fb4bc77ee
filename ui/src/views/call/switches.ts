import type { CallModel, LocalDevice } from '../../app/model';

/** Whether pressing its button switches a device off: one that is being opened counts as on. */
export function isOn({ state }: LocalDevice): boolean {
  return state === 'on' || state === 'starting';
}

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
