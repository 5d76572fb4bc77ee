import type { LocalMedia } from './media.svelte';
import type { Memory } from './memory';
import type { DeviceChoice, DeviceOption, DevicesModel } from './model';

/** The devices there are, and those the person chose; the choice is kept for this browser. */
export class Devices implements DevicesModel {
  #all: readonly MediaDeviceInfo[] = $state.raw([]);
  #chosen: Readonly<Record<DeviceChoice, string | null>> = $state.raw({
    microphone: null,
    camera: null,
    speaker: null,
  });

  constructor(
    private readonly devices: MediaDevices | undefined,
    private readonly local: LocalMedia,
    private readonly memory: Memory,
  ) {
    this.#chosen = {
      microphone: memory.preference('microphone'),
      camera: memory.preference('camera'),
      speaker: memory.preference('speaker'),
    };
    local.choose('audio', this.#chosen.microphone);
    local.choose('video', this.#chosen.camera);
    devices?.addEventListener('devicechange', () => {
      void this.refresh();
      local.handleDevicesChanged();
    });
    local.opened = () => {
      void this.refresh();
    };
    void this.refresh();
  }

  get microphones(): readonly DeviceOption[] {
    return this.#options('audioinput');
  }

  get cameras(): readonly DeviceOption[] {
    return this.#options('videoinput');
  }

  get speakers(): readonly DeviceOption[] {
    return this.#options('audiooutput');
  }

  get microphone(): string | null {
    return this.#present('microphone', this.microphones);
  }

  get camera(): string | null {
    return this.#present('camera', this.cameras);
  }

  get speaker(): string | null {
    return this.#present('speaker', this.speakers);
  }

  choose(what: DeviceChoice, id: string | null): void {
    this.#chosen = { ...this.#chosen, [what]: id };
    this.memory.setPreference(what, id);
    if (what === 'microphone') this.local.choose('audio', id);
    if (what === 'camera') this.local.choose('video', id);
  }

  /** For this call only: nothing of it is kept. */
  flipCamera(): void {
    this.local.flipCamera();
  }

  /** Looks again: labels, and in some browsers the devices, show only after permission. */
  async refresh(): Promise<void> {
    try {
      this.#all = (await this.devices?.enumerateDevices()) ?? [];
    } catch {
      this.#all = [];
    }
  }

  #options(kind: MediaDeviceKind): readonly DeviceOption[] {
    return this.#all
      .filter((device) => device.kind === kind && device.deviceId !== '')
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  }

  /** The choice, if it is there at the moment. */
  #present(what: DeviceChoice, options: readonly DeviceOption[]): string | null {
    const id = this.#chosen[what];
    return options.some((option) => option.id === id) ? id : null;
  }
}
