import type { CallModel } from '../../app/model';
import type { IconName } from '../../components/icons';
import type { Catalogue } from '../../i18n/en';

export interface CaptureNote {
  readonly icon: IconName;
  readonly text: string;
}

/** The sentences about one's own devices: one for both where the same holds for both. */
export function captureNotes(
  { microphone, camera, screen }: Pick<CallModel, 'microphone' | 'camera' | 'screen'>,
  t: Catalogue,
): CaptureNote[] {
  const notes: CaptureNote[] = [];
  if (screen.problem !== null) {
    notes.push({ icon: 'share', text: t.screenProblems[screen.problem] });
  }
  if (microphone.problem !== null && microphone.problem === camera.problem) {
    notes.push({ icon: 'warning', text: t.bothProblems[microphone.problem] });
    return notes;
  }
  if (microphone.problem !== null) {
    notes.push({ icon: 'microphoneOff', text: t.microphoneProblems[microphone.problem] });
  }
  if (camera.problem !== null) {
    notes.push({ icon: 'videoOff', text: t.cameraProblems[camera.problem] });
  }
  return notes;
}
