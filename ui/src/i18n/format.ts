/** Times and durations, as the person's language writes them. */
import type { Catalogue } from './en';
import type { LanguageTag } from './language.svelte';

/** Seconds as a clock: `0:07`, `12:30`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const s = String(whole % 60).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${s}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${s}`;
}

/** When a call was: the time today, else the day, both in local time. Milliseconds since the epoch. */
export function when(at: number, now: number, tag: LanguageTag, t: Catalogue): string {
  const days = daysBetween(at, now);
  const time = new Intl.DateTimeFormat(tag, { hour: 'numeric', minute: '2-digit' }).format(at);
  if (days <= 0) return time;
  if (days === 1) return `${t.recent.yesterday} ${time}`;
  if (days < 7) return `${new Intl.DateTimeFormat(tag, { weekday: 'short' }).format(at)} ${time}`;
  return new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short' }).format(at);
}

/** The start of an id, in groups that can be read out: `abcd efgh`. */
export function shortId(id: string): string {
  return `${id.slice(0, 4)} ${id.slice(4, 8)}`;
}

function daysBetween(earlier: number, later: number): number {
  const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0);
  const DAY_MS = 86_400_000;
  // Rounded, because a day with a clock change has 23 or 25 hours.
  return Math.round((midnight(later) - midnight(earlier)) / DAY_MS);
}
