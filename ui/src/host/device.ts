/** What kind of device this browser runs on, as far as it tells. */
import type { DeviceKind } from '../protocol';

/** What is asked of the browser. */
export interface DeviceHints {
  readonly userAgent: string;
  readonly platform: string;
  readonly maxTouchPoints: number;
  /** User-Agent Client Hints, where they are (Chromium). */
  readonly userAgentData?: { readonly mobile: boolean; readonly platform: string };
}

/**
 * The kind, for the icon others see beside the name; nothing else depends on it. A browser can't
 * tell a desktop from a laptop, so it says desktop.
 */
export function deviceKind(hints: DeviceHints): DeviceKind {
  const { userAgent, platform, maxTouchPoints, userAgentData } = hints;
  if (/\biPad\b/.test(userAgent)) return 'tablet';
  // An iPad asks for desktop pages and says it is a Mac; no Mac has a touch screen.
  if (platform === 'MacIntel' && maxTouchPoints > 1) return 'tablet';
  if (/\b(iPhone|iPod)\b/.test(userAgent)) return 'phone';
  if (userAgentData?.mobile === true) return 'phone';
  const android = userAgentData?.platform === 'Android' || /\bAndroid\b/.test(userAgent);
  if (android) return /\bMobile\b/.test(userAgent) ? 'phone' : 'tablet';
  if (/\b(Windows|Macintosh|Linux|CrOS|X11)\b/.test(userAgent)) return 'desktop';
  return 'unknown';
}
