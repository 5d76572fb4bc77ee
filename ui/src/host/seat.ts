/** The seat this tab had, kept over a reload: for as long as the tab lives, and for it alone. */
import type { Resume, Role } from '../protocol';

/** The part of `Storage` that is needed. */
export type SeatStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Remembers the last `welcome`, apart for the owner's and the guest's seat. */
export class Seat {
  constructor(private readonly storage: SeatStorage | null) {}

  load(role: Role): Resume | null {
    let text: string | null;
    try {
      text = this.storage?.getItem(key(role)) ?? null;
    } catch {
      return null;
    }
    if (text === null) return null;
    try {
      const value: unknown = JSON.parse(text);
      if (isResume(value)) return value;
    } catch {
      // Treated like any other text that is no seat.
    }
    this.forget(role);
    return null;
  }

  save(role: Role, seat: Resume): void {
    try {
      this.storage?.setItem(key(role), JSON.stringify(seat));
    } catch {
      // Storage can be full or forbidden; then a reload costs the seat.
    }
  }

  forget(role: Role): void {
    try {
      this.storage?.removeItem(key(role));
    } catch {
      // As above.
    }
  }
}

function key(role: Role): string {
  return `lanline.seat.${role}`;
}

function isResume(value: unknown): value is Resume {
  if (typeof value !== 'object' || value === null) return false;
  const { token, endpoint } = value as Partial<Record<keyof Resume, unknown>>;
  return typeof token === 'string' && (endpoint === null || typeof endpoint === 'string');
}
